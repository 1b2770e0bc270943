#include "sqlite/write_batch.hpp"

#include <sqlite3.h>

#include "messaging/status_name.hpp"

namespace sqlite {
WriteStatements::WriteStatements(Connection& to)
    : connection(to),
      read(to),
      // A message that is there already is no failure: it is the answer to a repeated call.
      insert_message(to,
                     R"(INSERT INTO "Message" (id, content, status, "authorId", "conversationId", "createdAt", seq,
                                               "clientMessageId", "authorUseq", "peerUseq")
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING)"),
      insert_conversation(to, R"(INSERT INTO "Conversation" (id, "createdAt", "pairKey") VALUES (?1, ?2, ?3))"),
      insert_participant(to,
                         R"(INSERT INTO "Participant" ("userId", "conversationId", "activityAt") VALUES (?1, ?2, ?3))"),
      raise_status(to,
                   R"(UPDATE "Message" SET status = ?3
                       WHERE "conversationId" = ?1 AND "authorId" = ?2 AND seq > ?4 AND seq <= ?5)"),
      update_conversation(
          to, R"(UPDATE "Conversation" SET "lastSeq" = ?2, "lastMessageAt" = ?3, "canSend" = ?4 WHERE rowid = ?1)"),
      update_participant(to,
                         R"(UPDATE "Participant"
                               SET "deliveredSeq" = ?2, "readSeq" = ?3, "unreadCount" = ?4, "activityAt" = ?5,
                                   "lastUseq" = ?6, "ownReceiptUseq" = ?7, "peerReceiptUseq" = ?8, "updatedUseq" = ?9
                             WHERE rowid = ?1)"),
      put_head(to,
               R"(INSERT INTO "UserState" ("userId", "lastUseq") VALUES (?1, ?2)
                  ON CONFLICT ("userId") DO UPDATE SET "lastUseq" = excluded."lastUseq")") {}

ConversationRow* WriteBatch::conversation(const messaging::ConversationId& id) {
  const auto [entry, is_new] = conversations_.try_emplace(id);
  if (is_new) entry->second.row = with_.read.conversation(id);
  return entry->second.row ? &*entry->second.row : nullptr;
}

ConversationRow* WriteBatch::conversation_of_pair(const messaging::UserPair& pair) {
  const auto found = with_.read.conversation_of_pair(pair);
  return found ? conversation(found->id) : nullptr;
}

void WriteBatch::mark_changed(const messaging::ConversationId& id) {
  conversations_.at(id).changed = true;
}

WriteBatch::Feed& WriteBatch::feed(const messaging::UserId& user) {
  const auto [entry, is_new] = feeds_.try_emplace(user);
  if (is_new) entry->second.head = with_.read.head(user);
  return entry->second;
}

messaging::PairPositions WriteBatch::next_positions(const ConversationRow& row) {
  return {.low = feed(row.participants[0].user_id).next(), .high = feed(row.participants[1].user_id).next()};
}

void WriteBatch::take_positions(ConversationRow& row, const messaging::PairPositions& positions) {
  auto& [low, high] = row.participants;
  feed(low.user_id) = {.head = positions.low, .changed = true};
  feed(high.user_id) = {.head = positions.high, .changed = true};
  low.last_position = positions.low;
  high.last_position = positions.high;
  mark_changed(row.id);
}

bool WriteBatch::insert(const messaging::Message& message, messaging::Position author_position,
                        messaging::Position peer_position) {
  with_.insert_message.run(message.id, message.content, messaging::to_string(message.status), message.author_id,
                           message.conversation_id, message.created_at, message.seq, message.client_message_id,
                           author_position, peer_position);
  return with_.connection.changes() == 1;
}

ConversationRow& WriteBatch::insert_conversation(const messaging::ConversationId& id, const messaging::UserPair& pair,
                                                 base::SystemTime now) {
  with_.insert_conversation.run(id, now, pair_key(pair));
  with_.insert_participant.run(pair.low(), id, now);
  with_.insert_participant.run(pair.high(), id, now);
  conversations_.erase(id);  // It may have been looked up before it was there.
  ConversationRow* row = conversation(id);
  if (row == nullptr) throw StorageFailure(SQLITE_CORRUPT, "a conversation cannot be read back");
  return *row;
}

std::int64_t WriteBatch::raise_status(const messaging::ConversationId& conversation, const messaging::UserId& author,
                                      messaging::MessageStatus status, messaging::Seq first, messaging::Seq last) {
  if (first >= last) return 0;
  with_.raise_status.run(conversation, author, messaging::to_string(status), first, last);
  return with_.connection.changes();
}

void WriteBatch::flush() {
  for (const auto& [id, cached] : conversations_) {
    if (!cached.changed) continue;
    const ConversationRow& row = *cached.row;
    with_.update_conversation.run(row.rowid, row.last_seq, row.last_message_at, row.can_send);
    for (const auto& of : row.participants) {
      with_.update_participant.run(of.rowid, of.watermarks.delivered_seq, of.watermarks.read_seq, of.unread_count,
                                   row.activity(), of.last_position, of.own_receipt, of.peer_receipt, of.updated);
    }
  }
  for (const auto& [user, feed] : feeds_) {
    if (feed.changed) with_.put_head.run(user, feed.head);
  }
}

}  // namespace sqlite
