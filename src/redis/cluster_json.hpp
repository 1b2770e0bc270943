// The JSON that both protocols of a cluster share: the options of a broadcast, packets, requests. Between the protocols
// and simdjson; functions of their input, on any thread. Heavy header: for .cpp files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/cluster_protocol.hpp"
#include "socketio/json.hpp"

namespace redis {

using JsonValue = simdjson::dom::element;

// A payload from the bus: JSON where it begins with '{', else MessagePack, whose binary values become attachments.
struct ClusterPayload {
  JsonValue root;
  std::vector<std::string> attachments{};
};
// Good until the next text is parsed on this thread.
[[nodiscard]] std::optional<ClusterPayload> parse_payload(std::string_view payload);

// Members of an object; nothing where `value` is no object, or the member is missing or of another type.
[[nodiscard]] std::optional<JsonValue> find_member(const JsonValue& value, std::string_view name);
[[nodiscard]] std::optional<std::string_view> find_string(const JsonValue& value, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> find_integer(const JsonValue& value, std::string_view name);

// Rooms are strings or numbers; none where the member is missing or null. False where it is anything else, or more than
// named_rooms_max.
[[nodiscard]] bool read_rooms(const JsonValue& value, std::string_view name, std::vector<socketio::Room>& rooms);
// The member `rooms` of a request to join or leave them; there can be fewer than in a broadcast, since sockets keep
// them.
[[nodiscard]] bool read_joined_rooms(const JsonValue& value, std::vector<socketio::Room>& rooms);
// {rooms, except, flags}
[[nodiscard]] bool read_options(const JsonValue& opts, socketio::BroadcastOptions& options);
// A broadcast's {type: 2, data: […]} and its options. False where the packet is no EVENT that a client would take. What
// it is read from is not to be used any more: with attachments the event is parsed once again.
[[nodiscard]] bool read_event(const JsonValue& packet, const JsonValue& opts, std::vector<std::string> attachments,
                              socketio::RelayedEvent& event);
// A placeholder for which there is no attachment would make clients close their connection.
[[nodiscard]] bool has_valid_attachments(const socketio::RelayedEvent& event);
// A timeout among the flags.
[[nodiscard]] std::optional<base::milliseconds> find_timeout(const JsonValue& opts);

// ["a","b"]
void append_json_strings(std::string& out, const std::vector<std::string>& strings);
// {"rooms":[…],"except":[…],"flags":{…}}
void append_options(std::string& out, const socketio::BroadcastOptions& options, std::string_view traceparent);

// In each of a message's lists: each name costs a look-up on every thread, and a payload has room for half a million.
inline constexpr std::size_t named_rooms_max = 10'000;

// As they stand among the flags of a broadcast. The second is this service's own; Node members take no notice of it.
inline constexpr std::string_view volatile_flag = "volatile";
inline constexpr std::string_view traceparent_flag = "traceparent";
// A W3C traceparent has this length, and is taken for none with another.
inline constexpr std::size_t traceparent_bytes = 55;

}  // namespace redis
