// The rows of the tables as values, and what the domain sees of them. A ConversationRow is a "Conversation" with its
// two "Participant" rows: what every operation but history begins with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "messaging/repositories.hpp"

namespace sqlite {

struct ParticipantRow {
  std::int64_t rowid = 0;
  messaging::UserId user_id;
  messaging::Watermarks watermarks;
  std::int64_t unread_count = 0;
  // Positions in this user's feed; 0 where there was no such event.
  messaging::Position last_position = 0;
  messaging::Position own_receipt = 0;
  messaging::Position peer_receipt = 0;
  messaging::Position updated = 0;
};

struct ConversationRow {
  std::int64_t rowid = 0;
  messaging::ConversationId id;
  base::SystemTime created_at;
  messaging::Seq last_seq = 0;
  std::optional<base::SystemTime> last_message_at;
  bool can_send = true;
  // Ascending by user id, as UserPair.
  std::array<ParticipantRow, 2> participants;

  [[nodiscard]] messaging::UserPair pair() const { return {participants[0].user_id, participants[1].user_id}; }
  [[nodiscard]] bool has(const messaging::UserId& user) const noexcept {
    return participants[0].user_id == user || participants[1].user_id == user;
  }
  // Precondition: has(user).
  [[nodiscard]] ParticipantRow& of(const messaging::UserId& user) noexcept {
    return participants[participants[0].user_id == user ? 0 : 1];
  }
  [[nodiscard]] const ParticipantRow& of(const messaging::UserId& user) const noexcept {
    return participants[participants[0].user_id == user ? 0 : 1];
  }
  [[nodiscard]] const ParticipantRow& peer_of(const messaging::UserId& user) const noexcept {
    return participants[participants[0].user_id == user ? 1 : 0];
  }
  [[nodiscard]] ParticipantRow& peer_of(const messaging::UserId& user) noexcept {
    return participants[participants[0].user_id == user ? 1 : 0];
  }
  [[nodiscard]] base::SystemTime activity() const noexcept { return last_message_at.value_or(created_at); }
  [[nodiscard]] messaging::ConversationHeader header() const { return {id, pair(), can_send}; }
};

// A "Message" with its position in the feed of its author and of the other participant.
struct MessageRow {
  messaging::Message message;
  messaging::Position author_position = 0;
  messaging::Position peer_position = 0;

  [[nodiscard]] messaging::PairPositions positions(const messaging::UserPair& pair) const {
    return message.author_id == pair.low() ? messaging::PairPositions{author_position, peer_position}
                                           : messaging::PairPositions{peer_position, author_position};
  }
};

// The key of "Conversation"."pairKey".
[[nodiscard]] std::string pair_key(const messaging::UserPair& pair);

}  // namespace sqlite
