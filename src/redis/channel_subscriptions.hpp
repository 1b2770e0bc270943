// Which channels of the bus this process listens to: as many reasons as there are for each, counted, and one
// subscription. Between RedisAdapter, which opens and closes channels from any thread, and the Bus, which confirms them
// on its executor. Lives as long as the adapter; timers of hold() keep it a little longer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "redis/bus.hpp"

namespace redis {

class ChannelSubscriptions : public std::enable_shared_from_this<ChannelSubscriptions> {
 public:
  // So long whoever holds a channel waits for the confirmation; then it goes on without.
  static constexpr base::milliseconds confirmation_time_max{100};

  // What follows is called on the bus's executor.
  struct Observer {
    // Messages to the channel may have been missed: it was confirmed after somebody went on without, or once again.
    std::function<void(const std::string& channel)> on_gap;
    // Messages to any channel may have been missed: the link is back, and all are confirmed that were open then.
    std::function<void()> on_restored;
  };

  // The bus outlives the process's use of it.
  ChannelSubscriptions(Bus& bus, Observer observer) : bus_(bus), observer_(std::move(observer)) {}

  // Any thread. Each open() and hold() is undone by one close().
  void open(const std::string& channel);
  void close(const std::string& channel);
  // From a thread of an executor: opens, and calls `ready` on that executor when the channel is confirmed, at the
  // latest after confirmation_time_max; at once where it is confirmed, or the link is down.
  void hold(const std::string& channel, base::Job ready);

  // What the bus says, on its executor.
  void on_subscribed(std::string_view channel);
  void on_link(bool is_up);

 private:
  // Somebody in hold(); on its executor but for the list that it is in.
  struct Waiter {
    base::Executor& executor;
    base::Job ready;
    base::TimerId timer = 0;
  };
  enum class State : std::uint8_t { subscribing, confirmed, unsubscribing };
  struct Channel {
    State state = State::unsubscribing;
    std::size_t reasons = 0;
    // Somebody went on without the confirmation.
    bool has_gap = false;
    // The link's restoring waits for it.
    bool is_restoring = false;
    std::vector<std::shared_ptr<Waiter>> waiters{};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Channels = std::unordered_map<std::string, Channel, Hash, std::equal_to<>>;

  using Place = Channels::value_type;

  Channel& open_locked(const std::string& channel);
  void subscribe_locked(Place& place);
  void unsubscribe_locked(Place& place);
  void confirm_locked(Place& place, bool& has_gap);
  void lose_locked(Place& place, std::vector<std::shared_ptr<Waiter>>& waiters);
  [[nodiscard]] bool is_restored_locked() noexcept;
  void on_unsubscribed(const std::string& channel);
  void on_time_out(const std::string& channel, Waiter& waiter);
  static void wake(const std::shared_ptr<Waiter>& waiter);

  Bus& bus_;
  const Observer observer_;
  std::mutex mutex_;  // guards what follows, and keeps the calls to the bus in the order of the changes
  Channels channels_;
  bool is_up_ = false;
  // Set from the loss of the link (or the start) until all is confirmed again.
  bool is_restoring_ = true;
  std::size_t restoring_channels_ = 0;
};

}  // namespace redis
