// The message port over the writer and the readers. Lives in SqliteDatabase.
#pragma once

#include "sqlite/reader_pool.hpp"
#include "sqlite/sqlite_writer.hpp"

namespace sqlite {

class SqliteMessageRepository final : public messaging::IMessageRepository {
 public:
  SqliteMessageRepository(SqliteWriter& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  messaging::Task<messaging::Result<messaging::StoredMessage>> create(messaging::MessageDraft draft) override;
  messaging::Task<messaging::Result<messaging::StoredReceipt>> advance_watermarks(
      messaging::ReceiptDraft draft) override;
  messaging::Task<messaging::Result<std::optional<messaging::Message>>> find_by_client_message_id(
      messaging::UserId author, messaging::ClientMessageId id) override;
  messaging::Task<messaging::Result<std::optional<messaging::Seq>>> find_seq(messaging::ConversationId conversation,
                                                                             messaging::MessageId message) override;
  messaging::Task<messaging::Result<std::vector<messaging::Message>>> find_many_by_conversation(
      messaging::ConversationId conversation, messaging::HistoryRange range, int limit) override;

 private:
  SqliteWriter& writer_;
  ReaderPool& readers_;
};

}  // namespace sqlite
