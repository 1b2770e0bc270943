// The domain's nouns, as the repositories keep them and the edges show them. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.hpp"

namespace messaging {

using base::ClientMessageId;
using base::ConversationId;
using base::MessageId;
using base::SystemTime;
using base::UserId;

// 1, 2, 3 … within one conversation, without gaps; the only order of messages.
using Seq = std::int64_t;
// 1, 2, 3 … within one user's feed, without gaps; 0 is the start of every feed.
using Position = std::int64_t;

enum class MessageStatus : std::uint8_t { sent, delivered, read };

struct Message {
  MessageId id;
  ConversationId conversation_id;
  Seq seq = 0;
  UserId author_id;
  // UTF-8, as it was sent, byte for byte.
  std::string content;
  MessageStatus status = MessageStatus::sent;
  SystemTime created_at;
  std::optional<ClientMessageId> client_message_id;

  bool operator==(const Message&) const = default;
};

// How far a participant has received and read: "all up to this seq". Only forward.
struct Watermarks {
  Seq delivered_seq = 0;
  Seq read_seq = 0;

  bool operator==(const Watermarks&) const = default;
};

struct Participant {
  UserId user_id;
  Watermarks watermarks;

  bool operator==(const Participant&) const = default;
};

// A conversation as one of its two participants sees it: unread_count is that participant's.
struct Conversation {
  ConversationId id;
  // Ascending by user id.
  std::array<Participant, 2> participants;
  SystemTime created_at;
  Seq last_seq = 0;
  std::optional<Message> last_message;
  std::int64_t unread_count = 0;
  // The last known decision of the Connections service.
  bool can_send = true;

  bool operator==(const Conversation&) const = default;
};

// The two users of a conversation, ascending.
class UserPair {
 public:
  UserPair() = default;
  // Precondition: one != other.
  UserPair(UserId one, UserId other)
      : low_(one < other ? one : other), high_(one < other ? std::move(other) : std::move(one)) {}

  [[nodiscard]] const UserId& low() const noexcept { return low_; }
  [[nodiscard]] const UserId& high() const noexcept { return high_; }
  [[nodiscard]] bool contains(const UserId& user) const noexcept { return user == low_ || user == high_; }
  // Precondition: contains(user).
  [[nodiscard]] const UserId& peer_of(const UserId& user) const noexcept { return user == low_ ? high_ : low_; }

  auto operator<=>(const UserPair&) const = default;

 private:
  UserId low_;
  UserId high_;
};

// The durable events of a user's feed.
struct NewMessage {
  Message message;
  bool operator==(const NewMessage&) const = default;
};
struct StatusMoved {
  ConversationId conversation_id;
  // Whose watermarks these are.
  UserId user_id;
  Watermarks watermarks;
  bool operator==(const StatusMoved&) const = default;
};
struct ConversationUpdated {
  // As the feed's owner sees it.
  Conversation conversation;
  bool operator==(const ConversationUpdated&) const = default;
};
using Event = std::variant<NewMessage, StatusMoved, ConversationUpdated>;

struct FeedEvent {
  Position position = 0;
  Event event;
  bool operator==(const FeedEvent&) const = default;
};

}  // namespace messaging

template <>
struct std::hash<messaging::UserPair> {
  std::size_t operator()(const messaging::UserPair& pair) const noexcept {
    const std::hash<base::UserId> hash;
    return hash(pair.low()) * 31 + hash(pair.high());
  }
};
