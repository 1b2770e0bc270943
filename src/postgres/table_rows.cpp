#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

using messaging::Conversation;
using messaging::MessageStatus;

MessageStatus status_from(std::string_view text) noexcept {
  if (text == "READ") return MessageStatus::read;
  return text == "DELIVERED" ? MessageStatus::delivered : MessageStatus::sent;
}

messaging::Participant read_participant(const Row& row, int column) {
  return {.user_id = row.user_id(column),
          .watermarks = {.delivered_seq = row.int8(column + 1), .read_seq = row.int8(column + 2)}};
}

}  // namespace

MessageRow read_message(const Row& row, int column) {
  MessageRow read;
  read.message.id = row.id<messaging::MessageId>(column);
  read.message.content = row.text(column + 1);
  read.message.status = status_from(row.text(column + 2));
  read.message.author_id = row.user_id(column + 3);
  read.message.conversation_id = row.id<messaging::ConversationId>(column + 4);
  read.message.created_at = row.time(column + 5);
  read.message.seq = row.int8(column + 6);
  if (!row.is_null(column + 7)) read.message.client_message_id = row.id<messaging::ClientMessageId>(column + 7);
  read.author_position = row.int8(column + 8);
  read.peer_position = row.int8(column + 9);
  return read;
}

ConversationViews read_views(const Row& row, int column) {
  constexpr int low = 4;
  constexpr int high = 8;
  constexpr int unread = 3;
  Conversation seen{.id = row.id<messaging::ConversationId>(column),
                    .participants = {read_participant(row, column + low), read_participant(row, column + high)},
                    .created_at = row.time(column + 1),
                    .last_seq = row.int8(column + 2),
                    .last_message = {},
                    .unread_count = row.int8(column + low + unread),
                    .can_send = row.boolean(column + 3)};
  const int last_message = column + view_column_count;
  if (!row.is_null(last_message)) seen.last_message = read_message(row, last_message).message;
  ConversationViews views{seen, std::move(seen)};
  views[1].unread_count = row.int8(column + high + unread);
  return views;
}

messaging::UserPair pair_of(const ConversationViews& views) {
  return {views[0].participants[0].user_id, views[0].participants[1].user_id};
}

std::string pair_key(const messaging::UserPair& pair) {
  return pair.low().str() + ' ' + pair.high().str();
}

}  // namespace postgres
