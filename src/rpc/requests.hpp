// What other services ask for, checked: the only place of the gRPC edge where the forms, lengths and bounds of requests
// are judged, by the rules of the Socket.IO events. In proto3 an empty string or a 0 is "not given". validation_failed
// names the field as the Socket.IO event does (`conversationId`). Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "messaging/messaging_service.hpp"

namespace messaging::v1 {
class GetConversationRequest;
class GetMessageHistoryRequest;
class ListConversationsRequest;
class MarkReadRequest;
class OpenConversationRequest;
class SendMessageRequest;
class SyncRequest;
}  // namespace messaging::v1

namespace rpc {

struct InboxQuery {
  int limit = 20;
  std::optional<std::string> cursor;
};

struct ReadReceipt {
  base::ConversationId conversation_id;
  base::MessageId message_id;
};

[[nodiscard]] base::Result<messaging::HistoryQuery> read_request(
    const messaging::v1::GetMessageHistoryRequest& request);
[[nodiscard]] base::Result<InboxQuery> read_request(const messaging::v1::ListConversationsRequest& request);
[[nodiscard]] base::Result<base::ConversationId> read_request(const messaging::v1::GetConversationRequest& request);
[[nodiscard]] base::Result<base::UserId> read_request(const messaging::v1::OpenConversationRequest& request);
[[nodiscard]] base::Result<messaging::SendMessage> read_request(const messaging::v1::SendMessageRequest& request);
[[nodiscard]] base::Result<ReadReceipt> read_request(const messaging::v1::MarkReadRequest& request);
// The offset to start from.
[[nodiscard]] base::Result<std::string> read_request(const messaging::v1::SyncRequest& request);

}  // namespace rpc
