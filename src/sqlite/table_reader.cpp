#include "sqlite/table_reader.hpp"

namespace sqlite {
namespace {

using messaging::Conversation;
using messaging::ConversationId;
using messaging::MessageStatus;
using messaging::UserId;

MessageStatus status_from(std::string_view text) noexcept {
  if (text == "READ") return MessageStatus::read;
  return text == "DELIVERED" ? MessageStatus::delivered : MessageStatus::sent;
}

std::optional<MessageRow> only_message(Rows rows) {
  if (!rows.next()) return std::nullopt;
  return read_message(rows);
}

// Columns 5 to 13 of the conversation query. False where the table holds what is no user id here.
bool read_participant(const Rows& row, ParticipantRow& participant) {
  auto user = UserId::parse(row.text(6));
  if (!user) return false;
  participant = {.rowid = row.integer(5),
                 .user_id = *std::move(user),
                 .watermarks = {.delivered_seq = row.integer(7), .read_seq = row.integer(8)},
                 .unread_count = row.integer(9),
                 .last_position = row.integer(10),
                 .own_receipt = row.integer(11),
                 .peer_receipt = row.integer(12),
                 .updated = row.integer(13)};
  return true;
}

}  // namespace

std::string pair_key(const messaging::UserPair& pair) {
  return pair.low().str() + ' ' + pair.high().str();
}

std::string select_messages(std::string_view rest) {
  std::string sql =
      R"(SELECT id, content, status, "authorId", "conversationId", "createdAt", seq, "clientMessageId",
                "authorUseq", "peerUseq" FROM "Message" )";
  sql += rest;
  return sql;
}

MessageRow read_message(const Rows& row) {
  MessageRow read;
  read.message.id = row.uuid<messaging::MessageId>(0);
  read.message.content = row.text(1);
  read.message.status = status_from(row.text(2));
  read.message.author_id = row.user_id(3);
  read.message.conversation_id = row.uuid<ConversationId>(4);
  read.message.created_at = row.time(5);
  read.message.seq = row.integer(6);
  if (!row.is_null(7)) read.message.client_message_id = row.uuid<messaging::ClientMessageId>(7);
  read.author_position = row.integer(8);
  read.peer_position = row.integer(9);
  return read;
}

TableReader::TableReader(Connection& connection)
    // A third row is enough to know that it is not a pair's.
    : conversation_(connection,
                    R"(SELECT c.rowid, c."createdAt", c."lastSeq", c."lastMessageAt", c."canSend",
                              p.rowid, p."userId", p."deliveredSeq", p."readSeq", p."unreadCount",
                              p."lastUseq", p."ownReceiptUseq", p."peerReceiptUseq", p."updatedUseq"
                         FROM "Conversation" c JOIN "Participant" p ON p."conversationId" = c.id
                        WHERE c.id = ?1 ORDER BY p."userId" LIMIT 3)"),
      id_of_pair_(connection, R"(SELECT id FROM "Conversation" WHERE "pairKey" = ?1)"),
      message_(connection, select_messages("WHERE id = ?1")),
      message_at_(connection, select_messages(R"(WHERE "conversationId" = ?1 AND seq = ?2)")),
      message_by_client_id_(connection, select_messages(R"(WHERE "authorId" = ?1 AND "clientMessageId" = ?2)")),
      head_(connection, R"(SELECT "lastUseq" FROM "UserState" WHERE "userId" = ?1)") {}

std::optional<ConversationRow> TableReader::conversation(const ConversationId& id) {
  Rows rows = conversation_.query(id);
  ConversationRow found;
  std::size_t participants = 0;
  while (rows.next()) {
    if (participants == found.participants.size()) return std::nullopt;
    if (!read_participant(rows, found.participants[participants])) return std::nullopt;
    ++participants;
    found.rowid = rows.integer(0);
    found.created_at = rows.time(1);
    found.last_seq = rows.integer(2);
    if (!rows.is_null(3)) found.last_message_at = rows.time(3);
    found.can_send = rows.integer(4) != 0;
  }
  if (participants != found.participants.size()) return std::nullopt;
  found.id = id;
  return found;
}

std::optional<ConversationRow> TableReader::conversation_of_pair(const messaging::UserPair& pair) {
  std::optional<ConversationId> id;
  {
    Rows rows = id_of_pair_.query(pair_key(pair));
    if (rows.next()) id = rows.uuid<ConversationId>(0);
  }
  if (!id) return std::nullopt;
  auto found = conversation(*id);
  if (!found || found->pair() != pair) return std::nullopt;
  return found;
}

std::optional<MessageRow> TableReader::message(const messaging::MessageId& id) {
  return only_message(message_.query(id));
}

std::optional<MessageRow> TableReader::message_at(const ConversationId& conversation, messaging::Seq seq) {
  return only_message(message_at_.query(conversation, seq));
}

std::optional<MessageRow> TableReader::message_by_client_id(const UserId& author,
                                                            const messaging::ClientMessageId& id) {
  return only_message(message_by_client_id_.query(author, id));
}

messaging::Position TableReader::head(const UserId& user) {
  Rows rows = head_.query(user);
  return rows.next() ? rows.integer(0) : 0;
}

Conversation TableReader::view(const ConversationRow& row, const UserId& user) {
  Conversation seen{.id = row.id,
                    .participants = {},
                    .created_at = row.created_at,
                    .last_seq = row.last_seq,
                    .last_message = {},
                    .unread_count = row.of(user).unread_count,
                    .can_send = row.can_send};
  for (std::size_t i = 0; i < seen.participants.size(); ++i) {
    seen.participants[i] = {row.participants[i].user_id, row.participants[i].watermarks};
  }
  if (auto last = row.last_seq > 0 ? message_at(row.id, row.last_seq) : std::nullopt) {
    seen.last_message = std::move(last->message);
  }
  return seen;
}

}  // namespace sqlite
