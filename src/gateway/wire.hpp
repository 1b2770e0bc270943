// The wire types as JSON text: what the contract calls Message, Conversation and watermarks, and the events that carry
// them. Between the domain's entities and socketio's packets, in both directions of the gateway: acks (acks.hpp) and
// events. Hand-written and appended to one string: this runs once for every receiver of every message. Pure functions;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "messaging/entities.hpp"

namespace gateway {

// {id, conversationId, seq, authorId, content, status, createdAt, clientMessageId}
void append_json(std::string& out, const messaging::Message& message);
// {id, participants:[{userId,deliveredSeq,readSeq}], createdAt, lastSeq, lastMessage, unreadCount, canSend}
void append_json(std::string& out, const messaging::Conversation& conversation);
// {deliveredSeq, readSeq}
void append_json(std::string& out, const messaging::Watermarks& watermarks);
// The event's first argument.
void append_json(std::string& out, const messaging::Event& event);

// newMessage, messageStatus or conversationUpdated.
[[nodiscard]] std::string_view name_of(const messaging::Event& event) noexcept;

// The functions below return the JSON array of an EVENT packet.

// A durable event: [name, payload, offset]. The last argument is where the official client looks for the offset.
[[nodiscard]] std::string event_json(const messaging::Event& event, std::string_view offset);
// ["synced", {offset}, offset]
[[nodiscard]] std::string synced_json(std::string_view offset);
[[nodiscard]] std::string typing_json(const messaging::ConversationId& conversation, const messaging::UserId& typist,
                                      bool is_typing);
[[nodiscard]] std::string token_expiring_json(messaging::SystemTime expires_at);
[[nodiscard]] std::string resync_required_json();
[[nodiscard]] std::string server_draining_json(std::chrono::milliseconds reconnect_in);
// ["exception", {status:"error", code, message, retryable, retryAfterMs?, field?, event?}]: Nest's shape plus a code,
// without an echo of the input. `event` is the client's event that failed; empty where the server speaks by itself.
[[nodiscard]] std::string exception_json(const base::Error& error, std::string_view event);

// {"message":"unauthorized","data":{"code":…}}: the payload of a CONNECT_ERROR.
[[nodiscard]] std::string connect_error_json(base::Errc code);

// `code`, `message`, `retryable`, and where they are known `retryAfterMs` and `field`: members without the braces.
void append_error_members(std::string& out, const base::Error& error);
// A string, or null where there is none.
void append_json_or_null(std::string& out, const std::optional<std::string>& text);

}  // namespace gateway
