#include "gateway/relayed_event.hpp"

#include <algorithm>
#include <array>

#include "base/json_text.hpp"
#include "socketio/json.hpp"

namespace gateway {
namespace {

constexpr auto durable_events = std::to_array<std::string_view>({"newMessage", "messageStatus", "conversationUpdated"});

// The user whose devices the event is for; nothing where it is for others, or more.
std::optional<messaging::UserId> addressee(const socketio::RelayedEvent& event) {
  constexpr std::string_view prefix = "user:";
  if (event.to.rooms.size() != 1 || !event.to.rooms.front().starts_with(prefix)) return std::nullopt;
  return messaging::UserId::parse(std::string_view(event.to.rooms.front()).substr(prefix.size()));
}

// The last element where it is a string without escapes, as offsets are.
std::string_view last_text(std::string_view json) noexcept {
  if (!needs_offset(json)) return {};
  json.remove_suffix(2);
  const auto quote = json.rfind('"');
  return quote == std::string_view::npos ? std::string_view() : json.substr(quote + 1);
}

template <class Id>
std::optional<Id> read_id(simdjson::dom::object object, std::string_view name) {
  std::string_view text;
  if (object[name].get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return Id::parse(text);
}

}  // namespace

std::optional<RelayedPosition> read_position(const socketio::RelayedEvent& event,
                                             const messaging::OpaqueTokens& tokens) {
  if (std::ranges::find(durable_events, event.name) == durable_events.end()) return std::nullopt;
  auto user = addressee(event);
  if (!user) return std::nullopt;
  const auto position = tokens.read_offset(*user, last_text(event.json));
  if (!position) return std::nullopt;
  return RelayedPosition{.user = *std::move(user), .position = *position};
}

std::optional<RelayedTypist> read_typing(const socketio::RelayedEvent& event) {
  if (event.name != "typing") return std::nullopt;
  auto to = addressee(event);
  if (!to) return std::nullopt;
  simdjson::padded_string padded(event.json);
  const auto json = socketio::parse_json(std::string_view(padded));
  simdjson::dom::object said;
  if (!json || json->at(1).get_object().get(said) != simdjson::SUCCESS) return std::nullopt;
  const auto conversation = read_id<messaging::ConversationId>(said, "conversationId");
  auto typist = read_id<messaging::UserId>(said, "userId");
  bool is_typing = false;
  if (!conversation || !typist || said["isTyping"].get_bool().get(is_typing) != simdjson::SUCCESS) return std::nullopt;
  return RelayedTypist{.key = {.to = *std::move(to), .conversation = *conversation, .typist = *std::move(typist)},
                       .is_typing = is_typing};
}

bool needs_offset(std::string_view event_json) noexcept {
  return event_json.ends_with("\"]");
}

std::string with_offset(std::string_view event_json, std::string_view offset) {
  std::string json(event_json.substr(0, event_json.size() - 1));
  json += ',';
  base::append_json_string(json, offset);
  json += ']';
  return json;
}

}  // namespace gateway
