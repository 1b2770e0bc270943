// How the members of a cluster write to each other: the port behind RedisAdapter with the two protocols of
// @socket.io/redis-adapter, ClassicProtocol and ShardedProtocol. Encodes and decodes, and keeps no state: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "socketio/adapter.hpp"

namespace redis {

struct BusMessage {
  std::string channel;
  std::string payload;
  bool operator==(const BusMessage&) const = default;
};

// What a peer wants of this node's sockets. From outside: its form is checked, its content is not to be trusted.
struct ClusterRequest {
  enum class Type : std::uint8_t {
    socket_ids,
    rooms,
    join,
    leave,
    disconnect,
    fetch_sockets,
    server_side_emit,
    broadcast  // with acks
  };
  Type type = Type::socket_ids;
  // The peer's uid; empty where it named none.
  std::string requester{};
  // Empty: no answer is awaited.
  std::string id{};
  // The sockets in question.
  socketio::BroadcastOptions to{};
  // The form of older members: this one socket instead, and an answer when it was here.
  std::string sid{};
  std::vector<socketio::Room> rooms{};          // join, leave
  bool closes_transport = false;                // disconnect
  socketio::RelayedEvent event{};               // broadcast
  std::optional<base::milliseconds> timeout{};  // broadcast: for the acks
};

struct ClusterAnswer {
  enum class Type : std::uint8_t { socket_ids, rooms, sockets, server_side_emit, client_count, client_ack, done };
  Type type = Type::done;
  // The list, the number or the value; empty for a value that is undefined.
  std::string json{};
  // client_ack: what the value's placeholders stand for.
  std::vector<std::string> attachments{};
};

// Nothing: not for this member, or its own.
using ClusterMessage = std::variant<std::monostate, socketio::RelayedEvent, ClusterRequest>;

class ClusterProtocol {
 public:
  virtual ~ClusterProtocol() = default;

  // The channels of everybody, the one for events first. Those of the rooms begin with it.
  [[nodiscard]] virtual const std::vector<std::string>& common_channels() const noexcept = 0;
  // Where members publish what is for this room alone.
  [[nodiscard]] virtual std::string channel_of(const socketio::Room& room) const = 0;

  // `event_json` is [name, …arguments]; nothing where it is no JSON.
  [[nodiscard]] virtual std::optional<BusMessage> encode_event(std::string_view event_json,
                                                               const socketio::BroadcastOptions& options,
                                                               std::string_view traceparent) const = 0;
  [[nodiscard]] virtual BusMessage encode_answer(const ClusterRequest& request, const ClusterAnswer& answer) const = 0;
  // Whatever came on a channel of the protocol; no value where it is malformed.
  [[nodiscard]] virtual std::optional<ClusterMessage> decode(std::string_view channel,
                                                             std::string_view payload) const = 0;
};

// Of one payload; what is longer is malformed.
inline constexpr std::size_t cluster_payload_bytes_max = 1024 * 1024;

}  // namespace redis
