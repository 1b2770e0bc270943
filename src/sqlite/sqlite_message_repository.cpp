#include "sqlite/sqlite_message_repository.hpp"

#include "sqlite/write_operations.hpp"

namespace sqlite {

using base::Result;
using base::Task;
using messaging::ClientMessageId;
using messaging::ConversationId;
using messaging::Message;
using messaging::MessageId;
using messaging::Seq;
using messaging::StoredMessage;
using messaging::StoredReceipt;
using messaging::UserId;

Task<Result<StoredMessage>> SqliteMessageRepository::create(messaging::MessageDraft draft) {
  return writer_.write<StoredMessage>(
      [draft = std::move(draft)](WriteBatch& batch) { return create_message(batch, draft); });
}

Task<Result<StoredReceipt>> SqliteMessageRepository::advance_watermarks(messaging::ReceiptDraft draft) {
  return writer_.write<StoredReceipt>(
      [draft = std::move(draft)](WriteBatch& batch) { return sqlite::advance_watermarks(batch, draft); });
}

Task<Result<std::optional<Message>>> SqliteMessageRepository::find_by_client_message_id(UserId author,
                                                                                        ClientMessageId id) {
  using Found = std::optional<Message>;
  return readers_.read<Found>([author = std::move(author), id](ReadSession& session) -> Result<Found> {
    auto row = session.tables().message_by_client_id(author, id);
    if (!row) return Found{};
    return Found{std::move(row->message)};
  });
}

Task<Result<std::optional<Seq>>> SqliteMessageRepository::find_seq(ConversationId conversation, MessageId message) {
  using Found = std::optional<Seq>;
  return readers_.read<Found>([conversation, message](ReadSession& session) -> Result<Found> {
    const auto row = session.tables().message(message);
    if (!row || row->message.conversation_id != conversation) return Found{};
    return Found{row->message.seq};
  });
}

Task<Result<std::vector<Message>>> SqliteMessageRepository::find_many_by_conversation(ConversationId conversation,
                                                                                      messaging::HistoryRange range,
                                                                                      int limit) {
  return readers_.read<std::vector<Message>>(
      [conversation, range, limit](ReadSession& session) -> Result<std::vector<Message>> {
        return session.history(conversation, range, limit);
      });
}

}  // namespace sqlite
