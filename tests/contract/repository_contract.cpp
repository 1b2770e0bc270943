#include "repository_contract.hpp"

namespace contract {

void RepositoryContract::TearDown() {
  storage_->stop();
  EXPECT_THAT(storage_->faults(), ::testing::IsEmpty());
}

ConversationId RepositoryContract::open(const UserId& one, const UserId& other, SystemTime now) {
  const auto id = ConversationId::v7(now);
  const auto opened = get(conversations().find_or_create(UserPair(one, other), id, now));
  EXPECT_TRUE(opened.created);
  return id;
}

MessageDraft RepositoryContract::draft(const ConversationId& conversation, const UserPair& pair, const UserId& author,
                                       std::string content, SystemTime now) {
  return {.id = MessageId::v7(now),
          .conversation_id = conversation,
          .participants = pair,
          .author_id = author,
          .content = std::move(content),
          .client_message_id = std::nullopt,
          .created_at = now};
}

StoredMessage RepositoryContract::send(const ConversationId& conversation, const UserPair& pair, const UserId& author,
                                       SystemTime now) {
  return get(messages().create(draft(conversation, pair, author, "hello", now)));
}

StoredReceipt RepositoryContract::mark(const ConversationId& conversation, const UserPair& pair, const UserId& reader,
                                       Watermarks to) {
  return get(messages().advance_watermarks(
      {.conversation_id = conversation, .participants = pair, .reader_id = reader, .watermarks = to}));
}

std::vector<Message> RepositoryContract::history(const ConversationId& conversation, int limit) {
  return get(messages().find_many_by_conversation(conversation, {}, limit));
}

Conversation RepositoryContract::seen_by(const UserId& who, const ConversationId& conversation) {
  return get(conversations().find_for_user(conversation, who)).value();
}

}  // namespace contract
