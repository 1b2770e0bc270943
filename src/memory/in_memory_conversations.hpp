// The conversation port of InMemoryDatabase, which owns it.
#pragma once

#include "memory/in_memory_tables.hpp"

namespace memory {

class InMemoryConversations final : public messaging::IConversationRepository {
 public:
  explicit InMemoryConversations(InMemoryTables& tables) : tables_(tables) {}

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
  // One position in both feeds for the conversation's new state.
  messaging::PairPositions append_update(StoredConversation& conversation);

  InMemoryTables& tables_;
};

}  // namespace memory
