#include "redis/classic_protocol.hpp"

#include <array>

#include "base/json_text.hpp"
#include "base/random.hpp"
#include "redis/classic_event.hpp"
#include "redis/classic_request.hpp"
#include "redis/msgpack_json.hpp"
#include "redis/msgpack_writer.hpp"

namespace redis {
namespace {

// The numbers of answers on the wire.
constexpr int server_side_emit_type = 6;
constexpr int client_count_type = 8;
constexpr int client_ack_type = 9;

// {"type":…,"requestId":…,"<name>":<json>}, without what is empty.
std::string answer_json(int type, std::string_view id, std::string_view name, std::string_view json) {
  std::string text = "{";
  if (type != 0) {
    text += R"("type":)";
    base::append_json_number(text, type);
    text += ',';
  }
  text += R"("requestId":)";
  base::append_json_string(text, id);
  if (!json.empty()) {
    text += ",\"";
    text += name;
    text += "\":";
    text += json;
  }
  text += '}';
  return text;
}

// In MessagePack, for the sake of attachments.
std::string client_ack_payload(std::string_view id, const ClusterAnswer& answer) {
  std::string payload;
  msgpack::append_map_header(payload, answer.json.empty() ? 2 : 3);
  msgpack::append_string(payload, "type");
  msgpack::append_int(payload, client_ack_type);
  msgpack::append_string(payload, "requestId");
  msgpack::append_string(payload, id);
  if (answer.json.empty()) return payload;
  msgpack::append_string(payload, "packet");
  if (!msgpack::append_from_json(payload, answer.json, answer.attachments)) msgpack::append_nil(payload);
  return payload;
}

std::string encode_payload(std::string_view id, const ClusterAnswer& answer) {
  switch (answer.type) {
    case ClusterAnswer::Type::socket_ids:
    case ClusterAnswer::Type::sockets:
      return answer_json(0, id, "sockets", answer.json);
    case ClusterAnswer::Type::rooms:
      return answer_json(0, id, "rooms", answer.json);
    case ClusterAnswer::Type::server_side_emit:
      return answer_json(server_side_emit_type, id, "data", answer.json);
    case ClusterAnswer::Type::client_count:
      return answer_json(client_count_type, id, "clientCount", answer.json);
    case ClusterAnswer::Type::client_ack:
      return client_ack_payload(id, answer);
    case ClusterAnswer::Type::done:
      return answer_json(0, id, {}, {});
  }
  return {};
}

}  // namespace

ClassicProtocol::ClassicProtocol(const std::string& prefix, std::string nsp, std::string uid)
    : nsp_(std::move(nsp)),
      uid_(std::move(uid)),
      channels_{prefix + "#" + nsp_ + "#", prefix + "-request#" + nsp_ + "#"},
      response_channel_(prefix + "-response#" + nsp_ + "#") {
  msgpack::append_array_header(own_beginning_, 3);
  msgpack::append_string(own_beginning_, uid_);
}

std::string ClassicProtocol::make_uid() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  static_assert(alphabet.size() == 64);
  std::array<std::uint8_t, 6> bytes;
  base::fill_random(bytes);
  std::string uid;
  for (const auto byte : bytes) uid += alphabet[byte % alphabet.size()];
  return uid;
}

std::string ClassicProtocol::channel_of(const socketio::Room& room) const {
  return channels_.front() + room + "#";
}

std::optional<BusMessage> ClassicProtocol::encode_event(std::string_view event_json,
                                                        const socketio::BroadcastOptions& options,
                                                        std::string_view traceparent) const {
  std::string payload;
  payload.reserve(classic_event_bytes(event_json, options, traceparent) + own_beginning_.size() + nsp_.size());
  payload += own_beginning_;
  if (!append_classic_event(payload, event_json, nsp_, options, traceparent)) return std::nullopt;
  auto channel = options.rooms.size() == 1 ? channel_of(options.rooms.front()) : channels_.front();
  return BusMessage{.channel = std::move(channel), .payload = std::move(payload)};
}

BusMessage ClassicProtocol::encode_answer(const ClusterRequest& request, const ClusterAnswer& answer) const {
  return {.channel = response_channel_, .payload = encode_payload(request.id, answer)};
}

std::optional<ClusterMessage> ClassicProtocol::decode(std::string_view channel, std::string_view payload) const {
  if (channel.starts_with(channels_.front())) return decode_broadcast(payload);
  if (channel != channels_.back()) return ClusterMessage();
  auto message = read_classic_request(payload);
  const auto* const request = message ? std::get_if<ClusterRequest>(&*message) : nullptr;
  if (request && request->requester == uid_) return ClusterMessage();
  return message;
}

std::optional<ClusterMessage> ClassicProtocol::decode_broadcast(std::string_view payload) const {
  // Half of what comes to a room's channel is this member's own, and needs no further look.
  if (payload.starts_with(own_beginning_)) return ClusterMessage();
  auto broadcast = read_classic_event(payload);
  if (!broadcast) return std::nullopt;
  if (broadcast->uid == uid_ || broadcast->nsp != nsp_) return ClusterMessage();
  return ClusterMessage(std::move(broadcast->event));
}

}  // namespace redis
