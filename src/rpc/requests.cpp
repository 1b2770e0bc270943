#include "rpc/requests.hpp"

#include "messaging/content_rules.hpp"
#include "messaging/v1/messaging.pb.h"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::invalid_field;
using base::Result;

using messaging::MessagingService;

Result<int> read_limit(int limit, int default_limit, int limit_max) {
  if (limit == 0) return default_limit;
  if (limit < 1 || limit > limit_max) return invalid_field("limit");
  return limit;
}

std::optional<std::string> read_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::nullopt;
  return cursor;
}

}  // namespace

Result<messaging::HistoryQuery> read_request(const v1::GetMessageHistoryRequest& request) {
  const messaging::HistoryQuery defaults;
  const auto conversation = base::ConversationId::parse(request.conversation_id());
  if (!conversation) return invalid_field("conversationId");
  auto limit = read_limit(request.limit(), defaults.limit, MessagingService::history_limit_max);
  if (!limit) return base::forward(limit);
  messaging::HistoryQuery query{.conversation_id = *conversation,
                                .limit = *limit,
                                .cursor = read_cursor(request.cursor()),
                                .around = std::nullopt};
  if (!request.around_message_id().empty()) {
    query.around = base::MessageId::parse(request.around_message_id());
    if (!query.around) return invalid_field("around");
  }
  if (query.cursor && query.around) return invalid_field("cursor");
  return query;
}

Result<InboxQuery> read_request(const v1::ListConversationsRequest& request) {
  auto limit = read_limit(request.limit(), InboxQuery().limit, MessagingService::inbox_limit_max);
  if (!limit) return base::forward(limit);
  return InboxQuery{.limit = *limit, .cursor = read_cursor(request.cursor())};
}

Result<base::ConversationId> read_request(const v1::GetConversationRequest& request) {
  const auto conversation = base::ConversationId::parse(request.conversation_id());
  if (!conversation) return invalid_field("conversationId");
  return *conversation;
}

Result<base::UserId> read_request(const v1::OpenConversationRequest& request) {
  auto user = base::UserId::parse(request.user_id());
  if (!user) return invalid_field("userId");
  return *std::move(user);
}

Result<messaging::SendMessage> read_request(const v1::SendMessageRequest& request) {
  const auto conversation = base::ConversationId::parse(request.conversation_id());
  if (!conversation) return invalid_field("conversationId");
  std::optional<base::ClientMessageId> client_message;
  if (!request.client_message_id().empty()) {
    client_message = base::ClientMessageId::parse(request.client_message_id());
    if (!client_message) return invalid_field("clientMessageId");
  }
  if (auto content = messaging::check_content(request.content()); !content) return base::forward(content);
  return messaging::SendMessage{
      .conversation_id = *conversation, .content = request.content(), .client_message_id = client_message};
}

Result<ReadReceipt> read_request(const v1::MarkReadRequest& request) {
  const auto conversation = base::ConversationId::parse(request.conversation_id());
  if (!conversation) return invalid_field("conversationId");
  const auto message = base::MessageId::parse(request.message_id());
  if (!message) return invalid_field("messageId");
  return ReadReceipt{.conversation_id = *conversation, .message_id = *message};
}

Result<std::string> read_request(const v1::SyncRequest& request) {
  if (request.since().empty()) return invalid_field("since");
  return request.since();
}

}  // namespace rpc
