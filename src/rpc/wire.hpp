// The domain's entities as messages of messaging.v1. Pure; any thread.
#pragma once

#include "messaging/messaging_service.hpp"

namespace messaging::v1 {
class Conversation;
class GetMessageHistoryResponse;
class ListConversationsResponse;
class MarkReadResponse;
class Message;
class SyncEvent;
}  // namespace messaging::v1

namespace rpc {

// Each fills an empty `out`.
void to_wire(const messaging::Message& message, messaging::v1::Message& out);
void to_wire(const messaging::Conversation& conversation, messaging::v1::Conversation& out);
void to_wire(const messaging::MessageHistory& history, messaging::v1::GetMessageHistoryResponse& out);
void to_wire(const messaging::Inbox& inbox, messaging::v1::ListConversationsResponse& out);
void to_wire(const messaging::Watermarks& watermarks, messaging::v1::MarkReadResponse& out);
void to_wire(const messaging::SyncPage::Entry& entry, messaging::v1::SyncEvent& out);

}  // namespace rpc
