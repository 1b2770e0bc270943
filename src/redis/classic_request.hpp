// The requests of the classic protocol, as members send them to each other's request channel: JSON, or MessagePack for
// a broadcast with acks. A function of its input, on any thread.
#pragma once

#include <optional>
#include <string_view>

#include "redis/cluster_protocol.hpp"

namespace redis {

// Without a value: malformed. An empty message: of a type that newer members may know.
[[nodiscard]] std::optional<ClusterMessage> read_classic_request(std::string_view payload);

}  // namespace redis
