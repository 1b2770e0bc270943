#include "gateway/acks.hpp"

#include "base/json_text.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

constexpr std::string_view ok_head = R"([{"ok":true,"data":)";
constexpr std::string_view tail = "}]";
// A Message beside its content, and a Conversation beside its last message, with room to spare.
constexpr std::size_t entity_bytes = 512;

template <class Entities>
void append_array(std::string& out, const Entities& entities) {
  out += '[';
  bool first = true;
  for (const auto& each : entities) {
    if (!first) out += ',';
    first = false;
    append_json(out, each);
  }
  out += ']';
}

template <class Entity>
std::string ack_of_entity(const Entity& entity, std::size_t content_bytes) {
  std::string out;
  out.reserve(entity_bytes + content_bytes);
  out += ok_head;
  append_json(out, entity);
  out += tail;
  return out;
}

void append_entry(std::string& out, const messaging::SyncPage::Entry& entry) {
  out += R"({"event":")";
  out += name_of(entry.event);
  out += R"(","data":)";
  append_json(out, entry.event);
  out += R"(,"offset":")";
  out += entry.offset;
  out += R"("})";
}

}  // namespace

std::string ack_json(const messaging::Message& message) {
  return ack_of_entity(message, message.content.size());
}

std::string ack_json(const messaging::Conversation& conversation) {
  const auto& last = conversation.last_message;
  return ack_of_entity(conversation, last ? entity_bytes + last->content.size() : 0);
}

std::string ack_json(const messaging::Watermarks& watermarks) {
  return ack_of_entity(watermarks, 0);
}

std::string ack_json(const messaging::MessageHistory& history) {
  std::string out;
  out.reserve(entity_bytes * (history.messages.size() + 1));
  out += ok_head;
  out += R"({"messages":)";
  append_array(out, history.messages);
  out += R"(,"olderCursor":)";
  append_json_or_null(out, history.older_cursor);
  out += R"(,"newerCursor":)";
  append_json_or_null(out, history.newer_cursor);
  out += '}';
  out += tail;
  return out;
}

std::string ack_json(const messaging::Inbox& inbox) {
  std::string out;
  out.reserve(2 * entity_bytes * (inbox.conversations.size() + 1));
  out += ok_head;
  out += R"({"conversations":)";
  append_array(out, inbox.conversations);
  out += R"(,"nextCursor":)";
  append_json_or_null(out, inbox.next_cursor);
  out += R"(,"offset":")";
  out += inbox.offset;
  out += R"("})";
  out += tail;
  return out;
}

std::string ack_json(const messaging::SyncPage& page) {
  std::string out;
  out.reserve(entity_bytes * (page.events.size() + 1));
  out += ok_head;
  out += R"({"events":[)";
  bool first = true;
  for (const auto& entry : page.events) {
    if (!first) out += ',';
    first = false;
    append_entry(out, entry);
  }
  out += R"(],"offset":")";
  out += page.offset;
  out += R"(","more":)";
  out += page.more ? "true}" : "false}";
  out += tail;
  return out;
}

std::string empty_ack_json() {
  return R"([{"ok":true,"data":{}}])";
}

std::string expires_at_ack_json(messaging::SystemTime expires_at) {
  std::string out(ok_head);
  out += R"({"expiresAt":")";
  base::append_iso8601(out, expires_at);
  out += R"("})";
  out += tail;
  return out;
}

std::string error_ack_json(const base::Error& error) {
  std::string out = R"([{"ok":false,"error":{)";
  append_error_members(out, error);
  out += '}';
  out += tail;
  return out;
}

}  // namespace gateway
