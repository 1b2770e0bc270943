// The conversation port over the writers and the readers. Lives in PostgresDatabase.
#pragma once

#include "postgres/reader_pool.hpp"
#include "postgres/writer_group.hpp"

namespace postgres {

class PostgresConversationRepository final : public messaging::IConversationRepository {
 public:
  PostgresConversationRepository(WriterGroup& writers, ReaderPool& readers) : writers_(writers), readers_(readers) {}

  messaging::Task<messaging::Result<std::optional<messaging::ConversationHeader>>> find_header(
      messaging::ConversationId id) override;
  messaging::Task<messaging::Result<std::optional<messaging::ConversationHeader>>> find_header_of_pair(
      messaging::UserPair pair) override;
  messaging::Task<messaging::Result<messaging::OpenedConversation>> find_or_create(messaging::UserPair pair,
                                                                                   messaging::ConversationId fresh_id,
                                                                                   messaging::SystemTime now) override;
  messaging::Task<messaging::Result<std::optional<messaging::Conversation>>> find_for_user(
      messaging::ConversationId id, messaging::UserId user) override;
  messaging::Task<messaging::Result<messaging::InboxPage>> find_many_by_user(
      messaging::UserId user, std::optional<messaging::InboxCursor> after, int limit) override;
  messaging::Task<messaging::Result<std::optional<messaging::CanSendChange>>> set_can_send(messaging::ConversationId id,
                                                                                           bool can_send) override;

 private:
  WriterGroup& writers_;
  ReaderPool& readers_;
};

}  // namespace postgres
