// The protocol of createAdapter() in @socket.io/redis-adapter 8.3 and of @socket.io/redis-emitter: broadcasts in
// MessagePack, requests in JSON on a channel of their own. This member asks its peers for nothing, and therefore does
// not listen for responses. Source: lib/index.ts of that package, and payloads captured from it (test_vectors.json).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redis/cluster_protocol.hpp"

namespace redis {

class ClassicProtocol final : public ClusterProtocol {
 public:
  // `uid`: this member's, at most 31 bytes.
  ClassicProtocol(const std::string& prefix, std::string nsp, std::string uid);
  // Six characters, as the Node members have.
  [[nodiscard]] static std::string make_uid();

  [[nodiscard]] const std::vector<std::string>& common_channels() const noexcept override { return channels_; }
  [[nodiscard]] std::string channel_of(const socketio::Room& room) const override;
  [[nodiscard]] std::optional<BusMessage> encode_event(std::string_view event_json,
                                                       const socketio::BroadcastOptions& options,
                                                       std::string_view traceparent) const override;
  [[nodiscard]] BusMessage encode_answer(const ClusterRequest& request, const ClusterAnswer& answer) const override;
  [[nodiscard]] std::optional<ClusterMessage> decode(std::string_view channel, std::string_view payload) const override;

 private:
  [[nodiscard]] std::optional<ClusterMessage> decode_broadcast(std::string_view payload) const;

  std::string nsp_;
  std::string uid_;
  std::vector<std::string> channels_;  // events, requests
  // Answers go to everybody: members listen there whatever their setting publishOnSpecificResponseChannel.
  std::string response_channel_;
  // How everything begins that this member publishes.
  std::string own_beginning_;
};

}  // namespace redis
