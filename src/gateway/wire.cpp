#include "gateway/wire.hpp"

#include "base/json_text.hpp"
#include "messaging/status_name.hpp"

namespace gateway {
namespace {

using base::append_iso8601;
using base::append_json_number;
using base::append_json_string;

// What a Message takes beside its content: ids, times and names are of fixed width, user ids mostly short.
constexpr std::size_t message_bytes_beside_content = 384;
// An event's name is cut here in `exception`: the longest known one has 16 characters, the rest was invented by the
// client.
constexpr std::size_t event_name_bytes_max = 64;

template <class Id>
void append_id(std::string& out, const Id& id) {
  out += '"';
  id.append_to(out);
  out += '"';
}

void append_time(std::string& out, messaging::SystemTime time) {
  out += '"';
  append_iso8601(out, time);
  out += '"';
}

void append_bool(std::string& out, bool value) {
  out += value ? "true" : "false";
}

void append_watermark_members(std::string& out, const messaging::Watermarks& watermarks) {
  out += R"("deliveredSeq":)";
  append_json_number(out, watermarks.delivered_seq);
  out += R"(,"readSeq":)";
  append_json_number(out, watermarks.read_seq);
}

void append_participant(std::string& out, const messaging::Participant& participant) {
  out += R"({"userId":)";
  append_json_string(out, participant.user_id.str());
  out += ',';
  append_watermark_members(out, participant.watermarks);
  out += '}';
}

void append_status_moved(std::string& out, const messaging::StatusMoved& moved) {
  out += R"({"conversationId":)";
  append_id(out, moved.conversation_id);
  out += R"(,"userId":)";
  append_json_string(out, moved.user_id.str());
  out += ',';
  append_watermark_members(out, moved.watermarks);
  const bool all_read = moved.watermarks.delivered_seq == moved.watermarks.read_seq;
  out += all_read ? R"(,"status":"READ"})" : R"(,"status":"DELIVERED"})";
}

std::size_t size_hint(const messaging::Event& event) noexcept {
  if (const auto* message = std::get_if<messaging::NewMessage>(&event)) {
    return message_bytes_beside_content + message->message.content.size();
  }
  if (const auto* updated = std::get_if<messaging::ConversationUpdated>(&event)) {
    const auto& last = updated->conversation.last_message;
    return 2 * message_bytes_beside_content + (last ? last->content.size() : 0);
  }
  return message_bytes_beside_content;
}

}  // namespace

void append_json(std::string& out, const messaging::Message& message) {
  out += R"({"id":)";
  append_id(out, message.id);
  out += R"(,"conversationId":)";
  append_id(out, message.conversation_id);
  out += R"(,"seq":)";
  append_json_number(out, message.seq);
  out += R"(,"authorId":)";
  append_json_string(out, message.author_id.str());
  out += R"(,"content":)";
  append_json_string(out, message.content);
  out += R"(,"status":")";
  out += to_string(message.status);
  out += R"(","createdAt":)";
  append_time(out, message.created_at);
  out += R"(,"clientMessageId":)";
  if (message.client_message_id) {
    append_id(out, *message.client_message_id);
  } else {
    out += "null";
  }
  out += '}';
}

void append_json(std::string& out, const messaging::Conversation& conversation) {
  out += R"({"id":)";
  append_id(out, conversation.id);
  out += R"(,"participants":[)";
  append_participant(out, conversation.participants[0]);
  out += ',';
  append_participant(out, conversation.participants[1]);
  out += R"(],"createdAt":)";
  append_time(out, conversation.created_at);
  out += R"(,"lastSeq":)";
  append_json_number(out, conversation.last_seq);
  out += R"(,"lastMessage":)";
  if (conversation.last_message) {
    append_json(out, *conversation.last_message);
  } else {
    out += "null";
  }
  out += R"(,"unreadCount":)";
  append_json_number(out, conversation.unread_count);
  out += R"(,"canSend":)";
  append_bool(out, conversation.can_send);
  out += '}';
}

void append_json(std::string& out, const messaging::Watermarks& watermarks) {
  out += '{';
  append_watermark_members(out, watermarks);
  out += '}';
}

void append_json(std::string& out, const messaging::Event& event) {
  struct Appender {
    std::string& out;
    void operator()(const messaging::NewMessage& each) const { append_json(out, each.message); }
    void operator()(const messaging::StatusMoved& each) const { append_status_moved(out, each); }
    void operator()(const messaging::ConversationUpdated& each) const { append_json(out, each.conversation); }
  };
  std::visit(Appender{out}, event);
}

std::string_view name_of(const messaging::Event& event) noexcept {
  struct Name {
    std::string_view operator()(const messaging::NewMessage&) const noexcept { return "newMessage"; }
    std::string_view operator()(const messaging::StatusMoved&) const noexcept { return "messageStatus"; }
    std::string_view operator()(const messaging::ConversationUpdated&) const noexcept { return "conversationUpdated"; }
  };
  return std::visit(Name{}, event);
}

std::string event_json(const messaging::Event& event, std::string_view offset) {
  std::string out;
  out.reserve(size_hint(event));
  out += "[\"";
  out += name_of(event);
  out += "\",";
  append_json(out, event);
  out += ",\"";
  out += offset;
  out += "\"]";
  return out;
}

std::string synced_json(std::string_view offset) {
  std::string out = R"(["synced",{"offset":")";
  out += offset;
  out += R"("},")";
  out += offset;
  out += R"("])";
  return out;
}

std::string typing_json(const messaging::ConversationId& conversation, const messaging::UserId& typist,
                        bool is_typing) {
  std::string out;
  out.reserve(160);
  out += R"(["typing",{"conversationId":)";
  append_id(out, conversation);
  out += R"(,"userId":)";
  append_json_string(out, typist.str());
  out += R"(,"isTyping":)";
  append_bool(out, is_typing);
  out += "}]";
  return out;
}

std::string token_expiring_json(messaging::SystemTime expires_at) {
  std::string out = R"(["tokenExpiring",{"expiresAt":)";
  append_time(out, expires_at);
  out += "}]";
  return out;
}

std::string resync_required_json() {
  return R"(["resyncRequired",{}])";
}

std::string server_draining_json(std::chrono::milliseconds reconnect_in) {
  std::string out = R"(["serverDraining",{"reconnectInMs":)";
  append_json_number(out, reconnect_in.count());
  out += "}]";
  return out;
}

std::string exception_json(const base::Error& error, std::string_view event) {
  std::string out = R"(["exception",{"status":"error",)";
  append_error_members(out, error);
  if (!event.empty()) {
    out += R"(,"event":)";
    append_json_string(out, event.substr(0, event_name_bytes_max));
  }
  out += "}]";
  return out;
}

std::string connect_error_json(base::Errc code) {
  std::string out = R"({"message":"unauthorized","data":{"code":")";
  out += base::to_string(code);
  out += R"("}})";
  return out;
}

void append_error_members(std::string& out, const base::Error& error) {
  out += R"("code":")";
  out += base::to_string(error.code);
  out += R"(","message":)";
  append_json_string(out, base::safe_message(error.code));
  out += R"(,"retryable":)";
  append_bool(out, base::is_retryable(error.code));
  if (error.retry_after) {
    out += R"(,"retryAfterMs":)";
    append_json_number(out, error.retry_after->count());
  }
  if (!error.field.empty()) {
    out += R"(,"field":)";
    append_json_string(out, error.field);
  }
}

void append_json_or_null(std::string& out, const std::optional<std::string>& text) {
  if (text) {
    append_json_string(out, *text);
  } else {
    out += "null";
  }
}

}  // namespace gateway
