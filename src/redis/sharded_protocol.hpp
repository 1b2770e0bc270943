// The protocol of createShardedAdapter() in @socket.io/redis-adapter 8.3, subscriptionMode "dynamic": every message is
// {type, data, uid, nsp}, JSON or, with binary values, MessagePack. Source: lib/sharded-adapter.ts of that package,
// lib/cluster-adapter.ts of socket.io-adapter, and payloads captured from them (test_vectors.json).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redis/cluster_protocol.hpp"

namespace redis {

class ShardedProtocol final : public ClusterProtocol {
 public:
  ShardedProtocol(const std::string& prefix, std::string nsp, std::string uid);
  // 16 hexadecimal digits, as the Node members have.
  [[nodiscard]] static std::string make_uid();

  [[nodiscard]] const std::vector<std::string>& common_channels() const noexcept override { return channels_; }
  // A name as long as a socket's id has no channel of its own: members send there to everybody.
  [[nodiscard]] std::string channel_of(const socketio::Room& room) const override;
  [[nodiscard]] std::optional<BusMessage> encode_event(std::string_view event_json,
                                                       const socketio::BroadcastOptions& options,
                                                       std::string_view traceparent) const override;
  [[nodiscard]] BusMessage encode_answer(const ClusterRequest& request, const ClusterAnswer& answer) const override;
  [[nodiscard]] std::optional<ClusterMessage> decode(std::string_view channel, std::string_view payload) const override;

 private:
  std::string nsp_;
  std::string uid_;
  std::vector<std::string> channels_;
  // How all JSON ends that this member publishes.
  std::string own_end_;
};

}  // namespace redis
