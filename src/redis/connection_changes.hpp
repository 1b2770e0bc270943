// The channel `connections:changed`: whoever changes a connection publishes {"userId","otherUserId","connected"} there,
// and every node applies it at once. From outside: what is malformed is counted, logged and left alone. On the bus's
// executor.
#pragma once

#include <functional>

#include "messaging/entities.hpp"
#include "redis/bus.hpp"

namespace redis {

class ConnectionChanges final : public BusListener {
 public:
  static constexpr std::string_view channel = "connections:changed";
  using OnChange = std::function<void(const messaging::UserPair& pair, bool connected)>;
  // Changes may have been missed while the link was down: what is cached is older than it looks.
  using OnMissed = std::function<void()>;

  // Subscribes. Before the bus is started; the bus outlives it.
  ConnectionChanges(Bus& bus, OnChange on_change, OnMissed on_missed);

  void on_message(std::string_view channel_name, std::string_view payload) override;
  void on_subscribed(std::string_view channel_name) override;
  void on_link(bool is_up) override;
  void on_publish_lost() override {}

 private:
  OnChange on_change_;
  OnMissed on_missed_;
  bool was_subscribed_ = false;
};

}  // namespace redis
