// The message port over the writers and the readers. Lives in PostgresDatabase.
#pragma once

#include "postgres/reader_pool.hpp"
#include "postgres/writer_group.hpp"

namespace postgres {

class PostgresMessageRepository final : public messaging::IMessageRepository {
 public:
  PostgresMessageRepository(WriterGroup& writers, ReaderPool& readers) : writers_(writers), readers_(readers) {}

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
  WriterGroup& writers_;
  ReaderPool& readers_;
};

}  // namespace postgres
