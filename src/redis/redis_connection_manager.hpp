// The register of who is connected where that all nodes share: SADD/SREM `user:sockets:<userId>` (the seed's
// ConnectionManagerService), in front of this node's own counts. A node that dies leaves its members behind; the others
// notice by its lease (`<prefix>:node:<id>`, PX 3000, renewed each second), and one of them takes them away. A node
// that finds its own lease missing (FLUSHALL, a long break) adds everything again. Calls from any thread; its work is
// done on the Commands' executor.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "messaging/connection_registry.hpp"
#include "redis/commands.hpp"

namespace redis {

class RedisConnectionManager final : public messaging::ConnectionRegistry {
 public:
  struct Settings {
    // This process's, unlike any other's, also of earlier runs.
    std::string node_id;
    std::string key_prefix = "messagingd";
    base::milliseconds lease{3'000};
    base::milliseconds renewal{1'000};
    // Between two looks at all nodes' leases.
    base::milliseconds watch{1'000};
  };
  // Another node's lease is gone without a farewell: what it committed last may not have been published. On the
  // Commands' executor.
  using OnNodeLost = std::function<void(const std::string& node_id)>;

  // The references outlive it. `local` decides and counts for this node.
  RedisConnectionManager(Commands& redis, messaging::ConnectionRegistry& local, Settings settings,
                         OnNodeLost on_node_lost);
  // After stop(), or when the executor's loop has ended.
  ~RedisConnectionManager() override;
  RedisConnectionManager(const RedisConnectionManager&) = delete;
  RedisConnectionManager& operator=(const RedisConnectionManager&) = delete;

  void start();
  // Takes this node's members and lease away (the farewell), for 1 s at most. `done` on the Commands' executor.
  void stop(base::Job done);

  [[nodiscard]] bool register_connection(const messaging::UserId& user, const messaging::DeviceId& socket,
                                         std::size_t sockets_max) override;
  bool unregister_connection(const messaging::UserId& user, const messaging::DeviceId& socket) override;

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace redis
