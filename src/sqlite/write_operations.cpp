#include "sqlite/write_operations.hpp"

#include <algorithm>

namespace sqlite {
namespace {

using base::Errc;
using base::Result;
using messaging::Conversation;
using messaging::MessageStatus;
using messaging::PairPositions;
using messaging::StoredMessage;
using messaging::Watermarks;

// A call that is repeated with the same message id is answered as its first time was: that commit's answer may have
// been lost.
StoredMessage answer_again(MessageRow earlier, const messaging::MessageDraft& draft) {
  if (earlier.message.id != draft.id)
    return {.message = std::move(earlier.message), .positions = {}, .duplicate = true};
  const PairPositions positions = earlier.positions(draft.participants);
  return {.message = std::move(earlier.message), .positions = positions, .duplicate = false};
}

std::array<Conversation, 2> views_of(WriteBatch& batch, const ConversationRow& row) {
  return {batch.view(row, row.participants[0].user_id), batch.view(row, row.participants[1].user_id)};
}

// One position in both feeds for the conversation's new state.
PairPositions take_update_positions(WriteBatch& batch, ConversationRow& row) {
  const PairPositions positions = batch.next_positions(row);
  batch.take_positions(row, positions);
  row.participants[0].updated = positions.low;
  row.participants[1].updated = positions.high;
  return positions;
}

}  // namespace

Result<StoredMessage> create_message(WriteBatch& batch, const messaging::MessageDraft& draft) {
  if (draft.client_message_id) {
    auto earlier = batch.read().message_by_client_id(draft.author_id, *draft.client_message_id);
    if (earlier) return answer_again(*std::move(earlier), draft);
  }
  ConversationRow* row = batch.conversation(draft.conversation_id);
  // Others than the draft's participants: the caller's knowledge of them is out of date, and the author may be none any
  // more.
  if (row == nullptr || row->pair() != draft.participants) return base::fail(Errc::conversation_not_found);

  const PairPositions positions = batch.next_positions(*row);
  StoredMessage stored{
      .message = {.id = draft.id,
                  .conversation_id = draft.conversation_id,
                  .seq = row->last_seq + 1,
                  .author_id = draft.author_id,
                  .content = draft.content,
                  .status = MessageStatus::sent,
                  .created_at = std::max(draft.created_at, row->last_message_at.value_or(draft.created_at)),
                  .client_message_id = draft.client_message_id},
      .positions = positions,
      .duplicate = false};
  const auto& author = draft.author_id;
  const auto& peer = draft.participants.peer_of(author);
  if (!batch.insert(stored.message, positions.of(draft.participants, author), positions.of(draft.participants, peer))) {
    auto earlier = batch.read().message(draft.id);
    if (!earlier || earlier->message.conversation_id != draft.conversation_id || earlier->message.author_id != author) {
      return base::fail(Errc::internal, "a message id was used twice");
    }
    return answer_again(*std::move(earlier), draft);
  }
  row->last_seq = stored.message.seq;
  row->last_message_at = stored.message.created_at;
  ++row->peer_of(author).unread_count;
  batch.take_positions(*row, positions);
  return stored;
}

Result<messaging::StoredReceipt> advance_watermarks(WriteBatch& batch, const messaging::ReceiptDraft& draft) {
  ConversationRow* row = batch.conversation(draft.conversation_id);
  if (row == nullptr || row->pair() != draft.participants) return base::fail(Errc::conversation_not_found);

  ParticipantRow& reader = row->of(draft.reader_id);
  ParticipantRow& peer = row->peer_of(draft.reader_id);
  const Watermarks before = reader.watermarks;
  const auto read_to = std::min(draft.watermarks.read_seq, row->last_seq);
  const auto delivered_to =
      std::min(std::max(draft.watermarks.delivered_seq, draft.watermarks.read_seq), row->last_seq);
  const Watermarks after{.delivered_seq = std::max(before.delivered_seq, delivered_to),
                         .read_seq = std::max(before.read_seq, read_to)};
  if (after == before) return messaging::StoredReceipt{.watermarks = before, .moved = false, .positions = {}};

  const auto& id = row->id;
  const auto newly_read = batch.raise_status(id, peer.user_id, MessageStatus::read, before.read_seq, after.read_seq);
  batch.raise_status(id, peer.user_id, MessageStatus::delivered, std::max(before.delivered_seq, after.read_seq),
                     after.delivered_seq);
  reader.watermarks = after;
  reader.unread_count -= newly_read;

  const PairPositions positions = batch.next_positions(*row);
  batch.take_positions(*row, positions);
  reader.own_receipt = positions.of(draft.participants, reader.user_id);
  peer.peer_receipt = positions.of(draft.participants, peer.user_id);
  return messaging::StoredReceipt{.watermarks = after, .moved = true, .positions = positions};
}

Result<messaging::OpenedConversation> find_or_create_conversation(WriteBatch& batch, const messaging::UserPair& pair,
                                                                  const messaging::ConversationId& fresh_id,
                                                                  base::SystemTime now) {
  if (ConversationRow* row = batch.conversation_of_pair(pair)) {
    messaging::OpenedConversation opened{.views = views_of(batch, *row), .created = false, .positions = {}};
    if (row->id == fresh_id) {  // The same call again.
      opened.created = true;
      opened.positions = {.low = row->participants[0].updated, .high = row->participants[1].updated};
    }
    return opened;
  }
  ConversationRow& row = batch.insert_conversation(fresh_id, pair, now);
  const PairPositions positions = take_update_positions(batch, row);
  return messaging::OpenedConversation{.views = views_of(batch, row), .created = true, .positions = positions};
}

Result<std::optional<messaging::CanSendChange>> set_can_send(WriteBatch& batch, const messaging::ConversationId& id,
                                                             bool can_send) {
  ConversationRow* row = batch.conversation(id);
  if (row == nullptr || row->can_send == can_send) return std::nullopt;
  row->can_send = can_send;
  const PairPositions positions = take_update_positions(batch, *row);
  return messaging::CanSendChange{.views = views_of(batch, *row), .positions = positions};
}

}  // namespace sqlite
