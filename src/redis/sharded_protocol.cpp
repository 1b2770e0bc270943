#include "redis/sharded_protocol.hpp"

#include <algorithm>
#include <array>

#include "base/json_text.hpp"
#include "base/random.hpp"
#include "redis/cluster_json.hpp"
#include "redis/msgpack_json.hpp"
#include "redis/msgpack_writer.hpp"

namespace redis {
namespace {

using Type = ClusterRequest::Type;

// The numbers of messages on the wire. The responses (8, 10 to 12) are for whoever asked, the heartbeats (1, 2, 13) are
// not used over Redis.
constexpr std::int64_t broadcast_type = 3;
constexpr std::int64_t join_type = 4;
constexpr std::int64_t leave_type = 5;
constexpr std::int64_t disconnect_type = 6;
constexpr std::int64_t fetch_sockets_type = 7;
constexpr std::int64_t sockets_type = 8;
constexpr std::int64_t server_side_emit_type = 9;
constexpr std::int64_t server_side_emit_answer_type = 10;
constexpr std::int64_t client_count_type = 11;
constexpr std::int64_t client_ack_type = 12;

// In UTF-16 units, as the Node members count.
constexpr std::size_t socket_id_length = 20;
// The names of all members and the punctuation.
constexpr std::size_t envelope_bytes = 128;

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) ++length;
    if (byte >= 0xf0) ++length;
  }
  return length;
}

bool read_disconnect(const JsonValue& data, ClusterRequest& request) {
  bool closes = false;
  request.closes_transport = data["close"].get(closes) == simdjson::SUCCESS && closes;
  const auto opts = find_member(data, "opts");
  return opts && read_options(*opts, request.to);
}

// The content of any request but a broadcast.
bool read_content(const JsonValue& data, ClusterRequest& request) {
  switch (request.type) {
    case Type::join:
    case Type::leave: {
      const auto opts = find_member(data, "opts");
      return opts && read_options(*opts, request.to) && read_joined_rooms(data, request.rooms);
    }
    case Type::disconnect:
      return read_disconnect(data, request);
    case Type::fetch_sockets: {
      const auto opts = find_member(data, "opts");
      return !request.id.empty() && opts && read_options(*opts, request.to);
    }
    default:
      return true;
  }
}

std::optional<Type> request_type(std::int64_t number) noexcept {
  switch (number) {
    case join_type:
      return Type::join;
    case leave_type:
      return Type::leave;
    case disconnect_type:
      return Type::disconnect;
    case fetch_sockets_type:
      return Type::fetch_sockets;
    case server_side_emit_type:
      return Type::server_side_emit;
    default:
      return std::nullopt;
  }
}

ClusterRequest begin_request(Type type, const ClusterPayload& payload, const JsonValue& data) {
  return {.type = type,
          .requester = std::string(find_string(payload.root, "uid").value_or("")),
          .id = std::string(find_string(data, "requestId").value_or(""))};
}

// With a request's id the acks are asked for.
std::optional<ClusterMessage> read_broadcast(ClusterPayload& payload, const JsonValue& data) {
  const auto packet = find_member(data, "packet");
  const auto opts = find_member(data, "opts");
  if (!packet || !opts) return std::nullopt;
  auto request = begin_request(Type::broadcast, payload, data);
  request.timeout = find_timeout(*opts);
  if (!read_event(*packet, *opts, std::move(payload.attachments), request.event)) return std::nullopt;
  if (request.id.empty()) return ClusterMessage(std::move(request.event));
  return ClusterMessage(std::move(request));
}

// The number and the name of the member that holds the answer.
struct AnswerForm {
  std::int64_t type;
  std::string_view name;
};
AnswerForm answer_form(ClusterAnswer::Type type) noexcept {
  switch (type) {
    case ClusterAnswer::Type::sockets:
      return {sockets_type, "sockets"};
    case ClusterAnswer::Type::server_side_emit:
      return {server_side_emit_answer_type, "packet"};
    case ClusterAnswer::Type::client_count:
      return {client_count_type, "clientCount"};
    case ClusterAnswer::Type::client_ack:
      return {client_ack_type, "packet"};
    case ClusterAnswer::Type::socket_ids:
    case ClusterAnswer::Type::rooms:
    case ClusterAnswer::Type::done:
      break;  // to requests that this protocol does not have
  }
  return {};
}

std::string encode_as_msgpack(const ClusterRequest& request, const ClusterAnswer& answer, std::string_view uid,
                              std::string_view nsp) {
  const auto [type, name] = answer_form(answer.type);
  std::string payload;
  msgpack::append_map_header(payload, 4);
  msgpack::append_string(payload, "type");
  msgpack::append_int(payload, type);
  msgpack::append_string(payload, "data");
  msgpack::append_map_header(payload, 2);
  msgpack::append_string(payload, "requestId");
  msgpack::append_string(payload, request.id);
  msgpack::append_string(payload, name);
  if (!msgpack::append_from_json(payload, answer.json, answer.attachments)) msgpack::append_nil(payload);
  msgpack::append_string(payload, "uid");
  msgpack::append_string(payload, uid);
  msgpack::append_string(payload, "nsp");
  msgpack::append_string(payload, nsp);
  return payload;
}

void append_type(std::string& out, std::int64_t type) {
  out += R"({"type":)";
  base::append_json_number(out, type);
  out += R"(,"data":{)";
}

std::string encode_as_json(const ClusterRequest& request, const ClusterAnswer& answer, std::string_view own_end) {
  const auto [type, name] = answer_form(answer.type);
  std::string payload;
  append_type(payload, type);
  payload += R"("requestId":)";
  base::append_json_string(payload, request.id);
  if (!answer.json.empty()) {
    payload += ",\"";
    payload += name;
    payload += "\":";
    payload += answer.json;
  }
  payload += own_end;
  return payload;
}

}  // namespace

ShardedProtocol::ShardedProtocol(const std::string& prefix, std::string nsp, std::string uid)
    : nsp_(std::move(nsp)), uid_(std::move(uid)), channels_{prefix + "#" + nsp_ + "#"} {
  own_end_ = R"(},"uid":)";
  base::append_json_string(own_end_, uid_);
  own_end_ += R"(,"nsp":)";
  base::append_json_string(own_end_, nsp_);
  own_end_ += '}';
}

std::string ShardedProtocol::make_uid() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::uint8_t, 8> bytes;
  base::fill_random(bytes);
  std::string uid;
  for (const auto byte : bytes) {
    uid += digits[byte >> 4];
    uid += digits[byte & 0xf];
  }
  return uid;
}

std::string ShardedProtocol::channel_of(const socketio::Room& room) const {
  if (utf16_length(room) == socket_id_length) return channels_.front();
  return channels_.front() + room + "#";
}

std::optional<BusMessage> ShardedProtocol::encode_event(std::string_view event_json,
                                                        const socketio::BroadcastOptions& options,
                                                        std::string_view traceparent) const {
  BusMessage message;
  auto& payload = message.payload;
  payload.reserve(envelope_bytes + event_json.size() + 2 * traceparent_bytes + own_end_.size());
  append_type(payload, broadcast_type);
  payload += R"("packet":{"type":2,"data":)";
  payload += event_json;
  payload += R"(},"opts":)";
  append_options(payload, options, traceparent);
  payload += own_end_;
  message.channel = options.rooms.size() == 1 ? channel_of(options.rooms.front()) : channels_.front();
  return message;
}

BusMessage ShardedProtocol::encode_answer(const ClusterRequest& request, const ClusterAnswer& answer) const {
  return {.channel = channels_.front() + request.requester + "#",
          .payload = answer.attachments.empty() ? encode_as_json(request, answer, own_end_)
                                                : encode_as_msgpack(request, answer, uid_, nsp_)};
}

std::optional<ClusterMessage> ShardedProtocol::decode(std::string_view, std::string_view payload) const {
  // What this member published itself needs no further look. Nothing inside the data can end the message like this.
  if (payload.ends_with(own_end_)) return ClusterMessage();
  auto parsed = parse_payload(payload);
  if (!parsed) return std::nullopt;
  if (find_string(parsed->root, "uid") == uid_ || find_string(parsed->root, "nsp") != nsp_) return ClusterMessage();
  const auto number = find_integer(parsed->root, "type");
  if (!number) return std::nullopt;
  const auto type = request_type(*number);
  if (!type && *number != broadcast_type) return ClusterMessage();
  const auto data = find_member(parsed->root, "data");
  if (!data || !data->is_object()) return std::nullopt;
  if (!type) return read_broadcast(*parsed, *data);
  auto request = begin_request(*type, *parsed, *data);
  if (!read_content(*data, request)) return std::nullopt;
  return ClusterMessage(std::move(request));
}

}  // namespace redis
