// The arguments of acks, as JSON arrays of one element: [{"ok":true,"data":…}] or [{"ok":false,"error":…}]. A handler
// returns this text as its result, so that what is sent is written once. Pure functions; any thread.
#pragma once

#include <string>

#include "base/error.hpp"
#include "messaging/entities.hpp"
#include "messaging/messaging_service.hpp"

namespace gateway {

[[nodiscard]] std::string ack_json(const messaging::Message& message);
[[nodiscard]] std::string ack_json(const messaging::Conversation& conversation);
[[nodiscard]] std::string ack_json(const messaging::Watermarks& watermarks);
// {messages, olderCursor, newerCursor}
[[nodiscard]] std::string ack_json(const messaging::MessageHistory& history);
// {conversations, nextCursor, offset}
[[nodiscard]] std::string ack_json(const messaging::Inbox& inbox);
// {events:[{event,data,offset}], offset, more}
[[nodiscard]] std::string ack_json(const messaging::SyncPage& page);
// {}
[[nodiscard]] std::string empty_ack_json();
// {expiresAt}, of refreshToken
[[nodiscard]] std::string expires_at_ack_json(messaging::SystemTime expires_at);

[[nodiscard]] std::string error_ack_json(const base::Error& error);

}  // namespace gateway
