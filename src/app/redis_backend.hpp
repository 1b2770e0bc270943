// Everything of one node that speaks to Redis, as one member of the application: its links (commands, buses), what is
// kept there, and what is heard there. Present where REDIS_URL names one. Made before the loops run; started with them;
// stopped after the last socket is gone. All of it lives on one I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "messaging/connection_registry.hpp"
#include "redis/backplane_probe.hpp"
#include "redis/connection_changes.hpp"
#include "redis/redis_bus.hpp"
#include "redis/redis_client.hpp"
#include "redis/redis_connection_manager.hpp"
#include "redis/redis_decision_cache.hpp"

namespace app {

class RedisBackend {
 public:
  RedisBackend(const base::Clock& clock, net::IoThread& thread, const Config::Redis& config);

  [[nodiscard]] messaging::DecisionStore& decisions() noexcept { return decisions_; }
  // The adapter of the namespace "/"; owned by the caller, for as long as this lives.
  [[nodiscard]] std::unique_ptr<socketio::Adapter> make_adapter(std::vector<net::IoThread*> threads);

  struct Hooks {
    redis::RedisConnectionManager::OnNodeLost on_node_lost;
    redis::ConnectionChanges::OnChange on_connection_changed;
    redis::ConnectionChanges::OnMissed on_changes_missed;
  };
  // Once the parts that the hooks refer to are there; before start().
  [[nodiscard]] messaging::ConnectionRegistry& share(messaging::ConnectionRegistry& local, Hooks hooks);

  void start();
  // The farewell to the other nodes, then the links. `done` on the thread.
  void stop(base::Job done);

  // What does not work as it should although the node is ready; empty: nothing.
  [[nodiscard]] std::string trouble() const;

 private:
  redis::AdapterProtocol protocol_;
  std::string node_id_;
  std::string key_prefix_;
  redis::RedisClient client_;
  // What the adapter speaks over.
  redis::RedisBus bus_;
  // For channels that others than members publish to, by plain PUBLISH: only where the adapter's bus is another kind.
  std::optional<redis::RedisBus> plain_bus_;
  redis::RedisDecisionCache decisions_;
  redis::BackplaneProbe probe_;
  std::unique_ptr<redis::RedisConnectionManager> registry_;
  std::unique_ptr<redis::ConnectionChanges> changes_;
};

}  // namespace app
