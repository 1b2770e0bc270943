// The rows of the tables as the domain's values, and the lists of columns that they are read from. Pure; any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "messaging/repositories.hpp"
#include "postgres/binary_rows.hpp"

namespace postgres {

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

// Of "Message" m; what read_message() expects from its first column on.
inline constexpr std::string_view message_columns = R"(
  m."id", m."content", m."status", m."authorId", m."conversationId", m."createdAt", m."seq", m."clientMessageId",
  m."authorUseq", m."peerUseq")";
inline constexpr int message_column_count = 10;

// A conversation of two with its last message, as its low and its high user see it.
using ConversationViews = std::array<messaging::Conversation, 2>;

// Of "Conversation" c, its participants low and high, and its last message m, which may be missing; what read_views()
// expects from its first column on.
inline constexpr std::string_view view_columns = R"(
  c."id", c."createdAt", c."lastSeq", c."canSend",
  low."userId", low."deliveredSeq", low."readSeq", low."unreadCount",
  high."userId", high."deliveredSeq", high."readSeq", high."unreadCount",)";
inline constexpr int view_column_count = 12;

// Joined to "Conversation" c.
inline constexpr std::string_view join_participants = R"(
  JOIN "Participant" low ON low."conversationId" = c."id"
  JOIN "Participant" high ON high."conversationId" = c."id" AND high."userId" > low."userId")";
// With a third participant it is shown to nobody.
inline constexpr std::string_view has_no_third_participant = R"(
  NOT EXISTS (SELECT FROM "Participant" third WHERE third."conversationId" = c."id"
                 AND third."userId" <> low."userId" AND third."userId" <> high."userId"))";
inline constexpr std::string_view join_last_message = R"(
  LEFT JOIN "Message" m ON m."conversationId" = c."id" AND m."seq" = c."lastSeq")";

[[nodiscard]] MessageRow read_message(const Row& row, int column);
[[nodiscard]] ConversationViews read_views(const Row& row, int column);
[[nodiscard]] messaging::UserPair pair_of(const ConversationViews& views);

// The key of "Conversation"."pairKey".
[[nodiscard]] std::string pair_key(const messaging::UserPair& pair);

}  // namespace postgres
