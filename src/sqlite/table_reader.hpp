// The reads that both sides need: one row, or a conversation with its participants, by a key. One for each connection,
// on its thread. Every function throws StorageFailure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sqlite/statement.hpp"
#include "sqlite/table_rows.hpp"

namespace sqlite {

// "SELECT <the columns that read_message() expects> FROM "Message" <rest>".
[[nodiscard]] std::string select_messages(std::string_view rest);
[[nodiscard]] MessageRow read_message(const Rows& row);

class TableReader {
 public:
  explicit TableReader(Connection& connection);

  // Nothing where it is not there or has not exactly two participants with proper user ids.
  [[nodiscard]] std::optional<ConversationRow> conversation(const messaging::ConversationId& id);
  // The pair's conversation: the oldest, if there are several. The table's triggers keep the pair key on that one.
  [[nodiscard]] std::optional<ConversationRow> conversation_of_pair(const messaging::UserPair& pair);

  [[nodiscard]] std::optional<MessageRow> message(const messaging::MessageId& id);
  [[nodiscard]] std::optional<MessageRow> message_at(const messaging::ConversationId& conversation, messaging::Seq seq);
  [[nodiscard]] std::optional<MessageRow> message_by_client_id(const messaging::UserId& author,
                                                               const messaging::ClientMessageId& id);

  // 0 for a user without a feed.
  [[nodiscard]] messaging::Position head(const messaging::UserId& user);

  // The conversation as its participant `user` sees it, with its last message.
  [[nodiscard]] messaging::Conversation view(const ConversationRow& row, const messaging::UserId& user);

 private:
  Statement conversation_;
  Statement id_of_pair_;
  Statement message_;
  Statement message_at_;
  Statement message_by_client_id_;
  Statement head_;
};

}  // namespace sqlite
