#include "memory/in_memory_messages.hpp"

#include <algorithm>

namespace memory {

using base::Errc;
using messaging::ClientMessageId;
using messaging::ConversationId;
using messaging::HistoryRange;
using messaging::Message;
using messaging::MessageId;
using messaging::MessageStatus;
using messaging::Result;
using messaging::Seq;
using messaging::StoredMessage;
using messaging::StoredReceipt;
using messaging::Task;
using messaging::UserId;
using messaging::Watermarks;

// A call that is repeated with the same message id is answered as its first time was.
StoredMessage InMemoryMessages::answer_again(const InMemoryTables::Location& earlier,
                                             const messaging::MessageDraft& draft) const {
  const Message& message = tables_.at(earlier);
  if (message.id != draft.id) return {.message = message, .positions = {}, .duplicate = true};
  const auto& positions = tables_.conversations.at(earlier.conversation).positions;
  return {.message = message, .positions = positions[static_cast<std::size_t>(earlier.seq - 1)], .duplicate = false};
}

Task<Result<StoredMessage>> InMemoryMessages::create(messaging::MessageDraft draft) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  if (draft.client_message_id) {
    const auto earlier = tables_.by_client_message_id.find({draft.author_id, *draft.client_message_id});
    if (earlier != tables_.by_client_message_id.end()) co_return answer_again(earlier->second, draft);
  }
  if (const auto earlier = tables_.messages.find(draft.id); earlier != tables_.messages.end()) {
    const Message& message = tables_.at(earlier->second);
    if (message.conversation_id != draft.conversation_id || message.author_id != draft.author_id) {
      co_return base::fail(Errc::internal, "a message id was used twice");
    }
    co_return answer_again(earlier->second, draft);
  }
  StoredConversation* conversation = tables_.find(draft.conversation_id);
  if (conversation == nullptr || conversation->pair != draft.participants) {
    co_return base::fail(Errc::conversation_not_found);
  }
  Message message{.id = draft.id,
                  .conversation_id = draft.conversation_id,
                  .seq = conversation->last_seq() + 1,
                  .author_id = draft.author_id,
                  .content = std::move(draft.content),
                  .status = MessageStatus::sent,
                  .created_at = draft.created_at,
                  .client_message_id = draft.client_message_id};
  if (!conversation->messages.empty()) {
    message.created_at = std::max(message.created_at, conversation->messages.back().created_at);
  }
  const InMemoryTables::Location location{.conversation = draft.conversation_id, .seq = message.seq};
  tables_.messages.emplace(message.id, location);
  if (message.client_message_id) {
    tables_.by_client_message_id.emplace(std::pair(message.author_id, *message.client_message_id), location);
  }
  ++conversation->place_of(conversation->pair.peer_of(message.author_id)).unread_count;
  conversation->messages.push_back(message);
  conversation->positions.push_back(tables_.append(
      conversation->pair,
      {.kind = FeedEntry::Kind::message, .conversation = draft.conversation_id, .seq = message.seq, .reader = {}}));
  co_return StoredMessage{
      .message = std::move(message), .positions = conversation->positions.back(), .duplicate = false};
}

Task<Result<StoredReceipt>> InMemoryMessages::advance_watermarks(messaging::ReceiptDraft draft) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  StoredConversation* conversation = tables_.find(draft.conversation_id);
  if (conversation == nullptr || conversation->pair != draft.participants) {
    co_return base::fail(Errc::conversation_not_found);
  }
  Place& place = conversation->place_of(draft.reader_id);
  Watermarks& marks = place.participant.watermarks;
  const Seq last = conversation->last_seq();
  const Watermarks wanted{
      .delivered_seq = std::min(std::max(draft.watermarks.delivered_seq, draft.watermarks.read_seq), last),
      .read_seq = std::min(draft.watermarks.read_seq, last)};
  if (wanted.delivered_seq <= marks.delivered_seq && wanted.read_seq <= marks.read_seq) {
    co_return StoredReceipt{.watermarks = marks, .moved = false, .positions = {}};
  }
  marks = {.delivered_seq = std::max(marks.delivered_seq, wanted.delivered_seq),
           .read_seq = std::max(marks.read_seq, wanted.read_seq)};
  place.unread_count = 0;
  for (Message& message : conversation->messages) {
    if (message.author_id == draft.reader_id) continue;
    if (message.seq <= marks.read_seq) {
      message.status = MessageStatus::read;
      continue;
    }
    if (message.seq <= marks.delivered_seq) message.status = MessageStatus::delivered;
    ++place.unread_count;
  }
  const auto positions = tables_.append(
      conversation->pair,
      {.kind = FeedEntry::Kind::receipt, .conversation = draft.conversation_id, .seq = 0, .reader = draft.reader_id});
  co_return StoredReceipt{.watermarks = marks, .moved = true, .positions = positions};
}

Task<Result<std::optional<Message>>> InMemoryMessages::find_by_client_message_id(UserId author, ClientMessageId id) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const auto found = tables_.by_client_message_id.find({author, id});
  if (found == tables_.by_client_message_id.end()) co_return std::optional<Message>();
  co_return std::optional<Message>(tables_.at(found->second));
}

Task<Result<std::optional<Seq>>> InMemoryMessages::find_seq(ConversationId conversation, MessageId message) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const auto found = tables_.messages.find(message);
  if (found == tables_.messages.end() || found->second.conversation != conversation) co_return std::optional<Seq>();
  co_return std::optional<Seq>(found->second.seq);
}

Task<Result<std::vector<Message>>> InMemoryMessages::find_many_by_conversation(ConversationId conversation,
                                                                               HistoryRange range, int limit) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const StoredConversation* found = tables_.find(conversation);
  if (found == nullptr) co_return std::vector<Message>();
  const Seq last = found->last_seq();
  // The page is what lies behind seq `begin`, up to and with seq `end`.
  Seq begin = 0;
  Seq end = last;
  if (range.from == HistoryRange::From::after) {
    begin = std::clamp<Seq>(range.anchor, 0, last);
    end = std::min(last, begin + limit);
  } else {
    if (range.from == HistoryRange::From::before) end = std::clamp<Seq>(range.anchor - 1, 0, last);
    begin = std::max<Seq>(0, end - limit);
  }
  co_return std::vector<Message>(found->messages.begin() + begin, found->messages.begin() + end);
}

}  // namespace memory
