#include "redis/classic_request.hpp"

#include "redis/cluster_json.hpp"

namespace redis {
namespace {

using Type = ClusterRequest::Type;

// By their numbers on the wire; `broadcast` is 7, and the responses' numbers follow.
constexpr std::array request_types{
    Type::socket_ids,       Type::rooms,    Type::join, Type::leave, Type::disconnect, Type::fetch_sockets,
    Type::server_side_emit, Type::broadcast};

// Sockets by their rooms or, in the form of older members, one by its id, which goes to one room.
bool read_subject(const JsonValue& root, ClusterRequest& request) {
  if (const auto opts = find_member(root, "opts")) return read_options(*opts, request.to);
  const auto sid = find_string(root, "sid");
  // Without an id it would be all sockets.
  if (!sid || sid->empty()) return false;
  request.sid = *sid;
  return true;
}

bool read_rooms_to_join(const JsonValue& root, ClusterRequest& request) {
  if (request.sid.empty()) return read_joined_rooms(root, request.rooms);
  const auto room = find_string(root, "room");
  if (!room) return false;
  request.rooms = {std::string(*room)};
  return true;
}

// Last, since it uses up the parsed text.
bool read_broadcast(ClusterPayload& payload, ClusterRequest& request) {
  const auto packet = find_member(payload.root, "packet");
  const auto opts = find_member(payload.root, "opts");
  if (!packet || !opts) return false;
  request.timeout = find_timeout(*opts);
  return read_event(*packet, *opts, std::move(payload.attachments), request.event);
}

bool read_content(ClusterPayload& payload, ClusterRequest& request) {
  const auto& root = payload.root;
  const bool has_id = !request.id.empty();
  switch (request.type) {
    case Type::socket_ids:
      return has_id && read_rooms(root, "rooms", request.to.rooms);
    case Type::rooms:
      return has_id;
    case Type::join:
    case Type::leave:
      return read_subject(root, request) && read_rooms_to_join(root, request);
    case Type::disconnect: {
      bool closes = false;
      request.closes_transport = root["close"].get(closes) == simdjson::SUCCESS && closes;
      return read_subject(root, request);
    }
    case Type::fetch_sockets: {
      const auto opts = find_member(root, "opts");
      return has_id && opts && read_options(*opts, request.to);
    }
    case Type::server_side_emit:
      return true;
    case Type::broadcast:
      return has_id && read_broadcast(payload, request);
  }
  return false;
}

}  // namespace

std::optional<ClusterMessage> read_classic_request(std::string_view payload) {
  auto parsed = parse_payload(payload);
  if (!parsed) return std::nullopt;
  const auto type = find_integer(parsed->root, "type");
  if (!type) return std::nullopt;
  if (*type < 0 || *type >= std::ssize(request_types)) return ClusterMessage();
  ClusterRequest request{.type = request_types[static_cast<std::size_t>(*type)],
                         .requester = std::string(find_string(parsed->root, "uid").value_or("")),
                         .id = std::string(find_string(parsed->root, "requestId").value_or(""))};
  if (!read_content(*parsed, request)) return std::nullopt;
  return ClusterMessage(std::move(request));
}

}  // namespace redis
