// What the in-memory repositories share: plain containers under one mutex, held within one operation and never across a
// wait.
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "messaging/repositories.hpp"

namespace memory {

// One user's place in one conversation.
struct Place {
  messaging::Participant participant;
  std::int64_t unread_count = 0;
};

struct StoredConversation {
  messaging::ConversationId id;
  messaging::UserPair pair;
  base::SystemTime created_at;
  bool can_send = true;
  std::array<Place, 2> places;  // low, high
  // Of the latest conversationUpdated.
  messaging::PairPositions updated;
  // Index 0 is seq 1.
  std::vector<messaging::Message> messages;
  std::vector<messaging::PairPositions> positions;

  [[nodiscard]] Place& place_of(const messaging::UserId& user) { return places[user == pair.low() ? 0 : 1]; }
  [[nodiscard]] const Place& place_of(const messaging::UserId& user) const {
    return places[user == pair.low() ? 0 : 1];
  }
  [[nodiscard]] messaging::Seq last_seq() const noexcept { return std::ssize(messages); }
  [[nodiscard]] base::SystemTime activity() const { return messages.empty() ? created_at : messages.back().created_at; }
  // As `user`, a participant, sees it.
  [[nodiscard]] messaging::Conversation view(const messaging::UserId& user) const;
};

// An event by what it is about. Of receipts of one reader and of updates, a feed keeps the latest for each
// conversation.
struct FeedEntry {
  enum class Kind : std::uint8_t { message, receipt, update } kind;
  messaging::ConversationId conversation;
  messaging::Seq seq = 0;    // message
  messaging::UserId reader;  // receipt
};

struct Feed {
  messaging::Position head = 0;
  std::map<messaging::Position, FeedEntry> entries;

  // Takes the next position; an earlier entry that this one replaces goes.
  messaging::Position append(FeedEntry entry);
};

struct InMemoryTables {
  std::mutex mutex;
  bool stopped = false;
  std::unordered_map<messaging::ConversationId, StoredConversation> conversations;
  std::unordered_map<messaging::UserPair, messaging::ConversationId> conversation_of_pair;
  // Where a message stands: its conversation and seq.
  struct Location {
    messaging::ConversationId conversation;
    messaging::Seq seq;
  };
  std::unordered_map<messaging::MessageId, Location> messages;
  std::map<std::pair<messaging::UserId, messaging::ClientMessageId>, Location> by_client_message_id;
  std::unordered_map<messaging::UserId, Feed> feeds;

  // nullptr where it is not there.
  [[nodiscard]] StoredConversation* find(const messaging::ConversationId& id);
  [[nodiscard]] const messaging::Message& at(const Location& location) const;
  // The entry in both feeds of the conversation's users.
  messaging::PairPositions append(const messaging::UserPair& pair, const FeedEntry& entry);
};

}  // namespace memory
