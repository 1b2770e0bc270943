// The message port of InMemoryDatabase, which owns it.
#pragma once

#include "memory/in_memory_tables.hpp"

namespace memory {

class InMemoryMessages final : public messaging::IMessageRepository {
 public:
  explicit InMemoryMessages(InMemoryTables& tables) : tables_(tables) {}

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
  [[nodiscard]] messaging::StoredMessage answer_again(const InMemoryTables::Location& earlier,
                                                      const messaging::MessageDraft& draft) const;

  InMemoryTables& tables_;
};

}  // namespace memory
