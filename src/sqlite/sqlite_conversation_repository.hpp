// The conversation port over the writer and the readers. Lives in SqliteDatabase.
#pragma once

#include "sqlite/reader_pool.hpp"
#include "sqlite/sqlite_writer.hpp"

namespace sqlite {

class SqliteConversationRepository final : public messaging::IConversationRepository {
 public:
  SqliteConversationRepository(SqliteWriter& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

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
  SqliteWriter& writer_;
  ReaderPool& readers_;
};

}  // namespace sqlite
