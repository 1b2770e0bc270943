#include "sqlite/sqlite_conversation_repository.hpp"

#include "sqlite/write_operations.hpp"

namespace sqlite {

using base::Result;
using base::Task;
using messaging::CanSendChange;
using messaging::Conversation;
using messaging::ConversationHeader;
using messaging::ConversationId;
using messaging::InboxPage;
using messaging::OpenedConversation;
using messaging::UserId;
using messaging::UserPair;

namespace {

std::optional<ConversationHeader> header_of(const std::optional<ConversationRow>& row) {
  if (!row) return std::nullopt;
  return row->header();
}

}  // namespace

Task<Result<std::optional<ConversationHeader>>> SqliteConversationRepository::find_header(ConversationId id) {
  using Found = std::optional<ConversationHeader>;
  return readers_.read<Found>(
      [id](ReadSession& session) -> Result<Found> { return header_of(session.tables().conversation(id)); });
}

Task<Result<std::optional<ConversationHeader>>> SqliteConversationRepository::find_header_of_pair(UserPair pair) {
  using Found = std::optional<ConversationHeader>;
  return readers_.read<Found>([pair = std::move(pair)](ReadSession& session) -> Result<Found> {
    return header_of(session.tables().conversation_of_pair(pair));
  });
}

Task<Result<OpenedConversation>> SqliteConversationRepository::find_or_create(UserPair pair, ConversationId fresh_id,
                                                                              base::SystemTime now) {
  return writer_.write<OpenedConversation>([pair = std::move(pair), fresh_id, now](WriteBatch& batch) {
    return find_or_create_conversation(batch, pair, fresh_id, now);
  });
}

Task<Result<std::optional<Conversation>>> SqliteConversationRepository::find_for_user(ConversationId id, UserId user) {
  using Found = std::optional<Conversation>;
  return readers_.read<Found>([id, user = std::move(user)](ReadSession& session) -> Result<Found> {
    const auto row = session.tables().conversation(id);
    if (!row || !row->has(user)) return Found{};
    return Found{session.tables().view(*row, user)};
  });
}

Task<Result<InboxPage>> SqliteConversationRepository::find_many_by_user(UserId user,
                                                                        std::optional<messaging::InboxCursor> after,
                                                                        int limit) {
  return readers_.read<InboxPage>([user = std::move(user), after, limit](ReadSession& session) -> Result<InboxPage> {
    return session.inbox(user, after, limit);
  });
}

Task<Result<std::optional<CanSendChange>>> SqliteConversationRepository::set_can_send(ConversationId id,
                                                                                      bool can_send) {
  return writer_.write<std::optional<CanSendChange>>(
      [id, can_send](WriteBatch& batch) { return sqlite::set_can_send(batch, id, can_send); });
}

}  // namespace sqlite
