#include "redis/classic_event.hpp"

#include <simdjson.h>

#include "redis/cluster_json.hpp"
#include "redis/msgpack_json.hpp"
#include "redis/msgpack_scalars.hpp"
#include "redis/msgpack_writer.hpp"
#include "socketio/event.hpp"

namespace redis {
namespace {

using msgpack::Reader;
using msgpack::Value;
using socketio::Room;

constexpr std::uint64_t event_packet_type = 2;
// The names of all members, their headers and the flags.
constexpr std::size_t envelope_bytes = 64;
// The header of a room's name of usual length.
constexpr std::size_t room_header_bytes = 2;

void append_rooms(std::string& out, const std::vector<Room>& rooms) {
  msgpack::append_array_header(out, rooms.size());
  for (const auto& room : rooms) msgpack::append_string(out, room);
}

void append_flags(std::string& out, bool is_volatile, std::string_view traceparent) {
  const bool has_traceparent = !traceparent.empty();
  msgpack::append_map_header(out, (is_volatile ? 1U : 0U) + (has_traceparent ? 1U : 0U));
  if (is_volatile) {
    msgpack::append_string(out, volatile_flag);
    msgpack::append_bool(out, true);
  }
  if (has_traceparent) {
    msgpack::append_string(out, traceparent_flag);
    msgpack::append_string(out, traceparent);
  }
}

// A room or an event's name: a string, or a number as JavaScript would print it.
std::optional<std::string> to_name(const std::optional<Value>& value) {
  if (!value) return std::nullopt;
  switch (value->type) {
    case Value::Type::string:
      if (!simdjson::validate_utf8(value->bytes)) return std::nullopt;
      return std::string(value->bytes);
    case Value::Type::signed_integer:
    case Value::Type::unsigned_integer:
    case Value::Type::real: {
      std::string name;
      msgpack::append_json_number(name, *value);
      return name;
    }
    default:
      return std::nullopt;
  }
}

// Calls `read(key)` for each member of the map whose header was the last value; it takes the member's value from the
// reader.
template <class Read>
bool for_each_member(Reader& reader, std::size_t size, Read&& read) {
  for (std::size_t i = 0; i < size; ++i) {
    const auto key = reader.next_string();
    if (!key || !read(*key)) return false;
  }
  return true;
}

// The same with the map that comes next.
template <class Read>
bool for_each_member(Reader& reader, Read&& read) {
  const auto size = reader.next_map();
  return size && for_each_member(reader, *size, read);
}

// [name, …arguments]
bool read_data(Reader& reader, socketio::RelayedEvent& event) {
  const auto size = reader.next_array();
  if (!size || *size == 0) return false;
  const auto first = reader.next();
  auto name = to_name(first);
  if (!name || socketio::is_reserved_event(*name)) return false;
  event.name = std::move(*name);
  event.attachments.clear();
  event.json = '[';
  if (!msgpack::append_as_json(event.json, *first, reader, event.attachments, 1)) return false;
  for (std::size_t i = 1; i < *size; ++i) {
    event.json += ',';
    if (!msgpack::append_as_json(event.json, reader, event.attachments, 1)) return false;
  }
  event.json += ']';
  return true;
}

bool read_packet(Reader& reader, ClassicEvent& broadcast) {
  bool is_event = false;
  const bool is_whole = for_each_member(reader, [&](std::string_view key) {
    if (key == "data") return read_data(reader, broadcast.event);
    if (key == "type") {
      const auto type = reader.next();
      is_event = type && type->type == Value::Type::unsigned_integer && type->natural == event_packet_type;
      return is_event;
    }
    if (key != "nsp") return reader.skip();
    const auto nsp = reader.next_string();
    if (nsp) broadcast.nsp = *nsp;
    return nsp.has_value();
  });
  return is_whole && is_event && !broadcast.event.json.empty();
}

// Nil stands for none, as it would for JavaScript.
bool read_rooms(Reader& reader, std::vector<Room>& rooms) {
  rooms.clear();
  const auto list = reader.next();
  if (!list) return false;
  if (list->type == Value::Type::nil) return true;
  if (!list->is_array() || list->size > named_rooms_max) return false;
  for (std::size_t i = 0; i < list->size; ++i) {
    auto room = to_name(reader.next());
    // Without it the rest would name more sockets, or all of them.
    if (!room) return false;
    rooms.push_back(std::move(*room));
  }
  return true;
}

// Nil as above: it is what Node members make of undefined.
bool read_flags(Reader& reader, socketio::RelayedEvent& event) {
  const auto flags = reader.next();
  if (!flags) return false;
  if (flags->type == Value::Type::nil) return true;
  if (!flags->is_map()) return false;
  return for_each_member(reader, flags->size, [&](std::string_view key) {
    if (key != volatile_flag && key != traceparent_flag) return reader.skip();
    const auto value = reader.next();
    if (!value) return false;
    if (key == volatile_flag) {
      event.to.is_volatile = value->boolean;
    } else if (value->is_string() && value->bytes.size() == traceparent_bytes) {
      event.traceparent = value->bytes;
    }
    return !value->is_array() && !value->is_map();
  });
}

bool read_options(Reader& reader, socketio::RelayedEvent& event) {
  return for_each_member(reader, [&](std::string_view key) {
    if (key == "rooms") return read_rooms(reader, event.to.rooms);
    if (key == "except") return read_rooms(reader, event.to.except);
    if (key == "flags") return read_flags(reader, event);
    return reader.skip();
  });
}

}  // namespace

bool append_classic_event(std::string& out, std::string_view event_json, std::string_view nsp,
                          const socketio::BroadcastOptions& options, std::string_view traceparent) {
  msgpack::append_map_header(out, 3);
  msgpack::append_string(out, "type");
  msgpack::append_uint(out, event_packet_type);
  msgpack::append_string(out, "data");
  if (!msgpack::append_from_json(out, event_json)) return false;
  msgpack::append_string(out, "nsp");
  msgpack::append_string(out, nsp);
  msgpack::append_map_header(out, 3);
  msgpack::append_string(out, "rooms");
  append_rooms(out, options.rooms);
  msgpack::append_string(out, "except");
  append_rooms(out, options.except);
  msgpack::append_string(out, "flags");
  append_flags(out, options.is_volatile, traceparent);
  return true;
}

std::size_t classic_event_bytes(std::string_view event_json, const socketio::BroadcastOptions& options,
                                std::string_view traceparent) noexcept {
  auto bytes = envelope_bytes + event_json.size() + traceparent.size();
  for (const auto& room : options.rooms) bytes += room_header_bytes + room.size();
  for (const auto& room : options.except) bytes += room_header_bytes + room.size();
  return bytes;
}

std::optional<ClassicEvent> read_classic_event(std::string_view payload) {
  if (payload.size() > cluster_payload_bytes_max) return std::nullopt;
  Reader reader(payload);
  ClassicEvent broadcast;
  if (reader.next_array() != 3U) return std::nullopt;
  const auto uid = reader.next_string();
  if (!uid) return std::nullopt;
  broadcast.uid = *uid;
  broadcast.event.json.reserve(payload.size());
  if (!read_packet(reader, broadcast) || !read_options(reader, broadcast.event)) return std::nullopt;
  if (!reader.is_at_end() || !has_valid_attachments(broadcast.event)) return std::nullopt;
  return broadcast;
}

}  // namespace redis
