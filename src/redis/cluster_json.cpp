#include "redis/cluster_json.hpp"

#include <array>
#include <charconv>

#include "base/json_text.hpp"
#include "redis/msgpack_json.hpp"
#include "socketio/event.hpp"
#include "socketio/packet.hpp"

namespace redis {
namespace {

constexpr std::int64_t event_packet_type = 2;
// What one request can make every socket keep.
constexpr std::size_t joined_rooms_max = 1000;

// As JavaScript would print it: the name of a room, or of an event.
std::optional<std::string> to_name(const JsonValue& value) {
  std::array<char, 32> text;
  char* end = nullptr;
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case simdjson::dom::element_type::INT64:
      end = std::to_chars(text.data(), text.data() + text.size(), value.get_int64().value_unsafe()).ptr;
      break;
    case simdjson::dom::element_type::UINT64:
      end = std::to_chars(text.data(), text.data() + text.size(), value.get_uint64().value_unsafe()).ptr;
      break;
    case simdjson::dom::element_type::DOUBLE:
      end = std::to_chars(text.data(), text.data() + text.size(), value.get_double().value_unsafe()).ptr;
      break;
    default:
      return std::nullopt;
  }
  return std::string(text.data(), end);
}

}  // namespace

std::optional<ClusterPayload> parse_payload(std::string_view payload) {
  if (payload.size() > cluster_payload_bytes_max) return std::nullopt;
  std::vector<std::string> attachments;
  std::string transcoded;
  if (!payload.starts_with('{')) {
    msgpack::Reader reader(payload);
    if (!msgpack::append_as_json(transcoded, reader, attachments) || !reader.is_at_end()) return std::nullopt;
    payload = transcoded;
  }
  const auto root = socketio::parse_unpadded_json(payload);
  if (!root || !root->is_object()) return std::nullopt;
  return ClusterPayload{.root = *root, .attachments = std::move(attachments)};
}

std::optional<JsonValue> find_member(const JsonValue& value, std::string_view name) {
  JsonValue member;
  if (value[name].get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}

std::optional<std::string_view> find_string(const JsonValue& value, std::string_view name) {
  std::string_view text;
  if (value[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<std::int64_t> find_integer(const JsonValue& value, std::string_view name) {
  std::int64_t number = 0;
  if (value[name].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

bool read_rooms(const JsonValue& value, std::string_view name, std::vector<socketio::Room>& rooms) {
  rooms.clear();
  const auto list = find_member(value, name);
  if (!list || list->is_null()) return true;
  if (!list->is_array()) return false;
  const auto array = list->get_array().value_unsafe();
  if (array.size() > named_rooms_max) return false;
  for (const auto item : array) {
    auto room = to_name(item);
    // Without it the rest would name more sockets, or all of them.
    if (!room) return false;
    rooms.push_back(std::move(*room));
  }
  return true;
}

bool read_joined_rooms(const JsonValue& value, std::vector<socketio::Room>& rooms) {
  return read_rooms(value, "rooms", rooms) && rooms.size() <= joined_rooms_max;
}

bool read_options(const JsonValue& opts, socketio::BroadcastOptions& options) {
  if (!opts.is_object()) return false;
  if (!read_rooms(opts, "rooms", options.rooms) || !read_rooms(opts, "except", options.except)) return false;
  bool is_volatile = false;
  const auto flags = find_member(opts, "flags");
  options.is_volatile = flags && (*flags)[volatile_flag].get(is_volatile) == simdjson::SUCCESS && is_volatile;
  return true;
}

bool read_event(const JsonValue& packet, const JsonValue& opts, std::vector<std::string> attachments,
                socketio::RelayedEvent& event) {
  const auto data = find_member(packet, "data");
  if (!data || !data->is_array() || find_integer(packet, "type") != event_packet_type) return false;
  const auto array = data->get_array().value_unsafe();
  if (array.begin() == array.end()) return false;
  auto name = to_name(*array.begin());
  if (!name || socketio::is_reserved_event(*name)) return false;
  if (!read_options(opts, event.to)) return false;
  if (const auto flags = find_member(opts, "flags")) {
    const auto traceparent = find_string(*flags, traceparent_flag).value_or("");
    if (traceparent.size() == traceparent_bytes) event.traceparent = traceparent;
  }
  event.name = std::move(*name);
  event.json = simdjson::minify(*data);
  event.attachments = std::move(attachments);
  return has_valid_attachments(event);
}

bool has_valid_attachments(const socketio::RelayedEvent& event) {
  if (event.attachments.empty()) return true;
  auto padded = event.json;
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  std::string scratch;
  const auto json = std::string_view(padded).substr(0, event.json.size());
  return socketio::read_event_name(json, event.attachments.size(), scratch).has_value();
}

std::optional<base::milliseconds> find_timeout(const JsonValue& opts) {
  const auto flags = find_member(opts, "flags");
  if (!flags) return std::nullopt;
  double timeout_ms = 0;
  if ((*flags)["timeout"].get(timeout_ms) != simdjson::SUCCESS) return std::nullopt;
  // A JavaScript timer takes no more than 31 bits either.
  if (!(timeout_ms >= 0 && timeout_ms <= 0x7fff'ffff)) return std::nullopt;
  return base::milliseconds(static_cast<std::int64_t>(timeout_ms));
}

void append_json_strings(std::string& out, const std::vector<std::string>& strings) {
  out += '[';
  for (const auto& text : strings) {
    if (&text != &strings.front()) out += ',';
    base::append_json_string(out, text);
  }
  out += ']';
}

void append_options(std::string& out, const socketio::BroadcastOptions& options, std::string_view traceparent) {
  out += R"({"rooms":)";
  append_json_strings(out, options.rooms);
  out += R"(,"except":)";
  append_json_strings(out, options.except);
  out += R"(,"flags":{)";
  if (options.is_volatile) out += R"("volatile":true)";
  if (!traceparent.empty()) {
    if (options.is_volatile) out += ',';
    out += R"("traceparent":)";
    base::append_json_string(out, traceparent);
  }
  out += "}}";
}

}  // namespace redis
