// How long a message takes through Redis: each second this node publishes one to itself, and takes the time until it is
// back (the histogram backplane_seconds). On the bus's executor.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "redis/bus.hpp"

namespace redis {

class BackplaneProbe final : public BusListener {
 public:
  static constexpr base::milliseconds interval{1'000};

  // `channel` is this node's alone. Before the bus is started; the references outlive it.
  BackplaneProbe(const base::Clock& clock, Bus& bus, std::string channel);

  // Any thread.
  void start();
  void stop();

  void on_message(std::string_view channel, std::string_view payload) override;
  void on_subscribed(std::string_view channel) override;
  void on_link(bool is_up) override;
  void on_publish_lost() override {}

 private:
  void send();

  const base::Clock& clock_;
  Bus& bus_;
  std::string channel_;
  // The one that is under way; nothing once it is back.
  std::optional<base::SteadyTime> sent_at_;
  std::uint64_t number_ = 0;
  base::TimerId timer_ = 0;
  bool is_subscribed_ = false;
  bool is_stopped_ = false;
};

}  // namespace redis
