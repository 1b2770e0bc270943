// The Bus in memory, for tests: FakeBuses that share a FakeBroker hear each other as processes that share one Redis do.
// The test breaks links, loses messages and holds confirmations back. Listeners are called by jobs on the bus's
// executor, never within the call that causes them. Any thread.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/bus.hpp"

namespace redis {

class FakeBus;

// What the buses have in common: who is subscribed to what.
class FakeBroker {
 private:
  friend FakeBus;
  std::recursive_mutex mutex_;
  std::vector<FakeBus*> buses_;
};

class FakeBus final : public Bus {
 public:
  struct Published {
    std::string channel{};
    std::string payload{};
    bool operator==(const Published&) const = default;
  };

  explicit FakeBus(base::Executor& executor, std::shared_ptr<FakeBroker> broker = std::make_shared<FakeBroker>())
      : executor_(executor), broker_(std::move(broker)) {
    const std::lock_guard lock(broker_->mutex_);
    broker_->buses_.push_back(this);
  }
  // When the executor runs no more of its jobs.
  ~FakeBus() override {
    const std::lock_guard lock(broker_->mutex_);
    std::erase(broker_->buses_, this);
  }
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;

  // As RedisBus::start(), with a Redis that is there at once.
  void start() { set_link(true); }
  // Breaks or restores the bus's connections. Without them nothing comes, and what is published is lost (and reported
  // when they are back).
  void set_link(bool is_up) {
    const std::lock_guard lock(broker_->mutex_);
    if (std::exchange(is_up_, is_up) == is_up) return;
    confirmed_.clear();
    tell_all([is_up](BusListener& listener) { listener.on_link(is_up); });
    if (!is_up) return;
    for (const auto& channel : wanted_) confirm(channel);
    report_loss();
  }
  // The next `count` messages are lost on the way; the first one after them reports it.
  void lose_publishes(std::size_t count) {
    const std::lock_guard lock(broker_->mutex_);
    publishes_to_lose_ = count;
  }
  // While held, subscriptions are not confirmed, and nothing comes over them.
  void hold_confirmations(bool hold) {
    const std::lock_guard lock(broker_->mutex_);
    holds_confirmations_ = hold;
    if (hold || !is_up_) return;
    for (const auto& channel : wanted_) {
      if (!confirmed_.contains(channel)) confirm(channel);
    }
  }
  // As if Redis had sent it, whoever published it.
  void receive(std::string channel, std::string payload) {
    const std::lock_guard lock(broker_->mutex_);
    auto* const listener = listener_of(channel);
    if (listener == nullptr) return;
    executor_.post([listener, channel = std::move(channel), payload = std::move(payload)] {
      listener->on_message(channel, payload);
    });
  }
  // What NUMSUB answers instead of the number of subscribed buses, for members that are not FakeBuses.
  void set_subscribers(const std::string& channel, std::int64_t count) {
    const std::lock_guard lock(broker_->mutex_);
    counts_[channel] = count;
  }

  // Everything that reached the broker, in order; the list begins anew.
  [[nodiscard]] std::vector<Published> take_published() {
    const std::lock_guard lock(broker_->mutex_);
    return std::exchange(published_, {});
  }
  [[nodiscard]] std::set<std::string> subscriptions() {
    const std::lock_guard lock(broker_->mutex_);
    return wanted_;
  }

  void publish(std::string channel, std::string payload) override {
    const std::lock_guard lock(broker_->mutex_);
    const bool is_lost = !is_up_ || publishes_to_lose_ > 0;
    if (publishes_to_lose_ > 0) --publishes_to_lose_;
    if (is_lost) {
      has_lost_ = true;
      return;
    }
    for (auto* const bus : broker_->buses_) {
      if (bus->confirmed_.contains(channel)) bus->receive(channel, payload);
    }
    published_.push_back({std::move(channel), std::move(payload)});
    report_loss();
  }
  void subscribe(std::string channel) override {
    const std::lock_guard lock(broker_->mutex_);
    if (wanted_.insert(channel).second && is_up_) confirm(channel);
  }
  void unsubscribe(std::string channel) override {
    const std::lock_guard lock(broker_->mutex_);
    wanted_.erase(channel);
    confirmed_.erase(channel);
  }
  void count_subscribers(std::string channel, std::move_only_function<void(base::Result<std::int64_t>)> done) override {
    const std::lock_guard lock(broker_->mutex_);
    base::Result<std::int64_t> count = 0;
    if (!is_up_) {
      count = base::fail(base::Errc::storage_unavailable, "the link is down");
    } else if (const auto set = counts_.find(channel); set != counts_.end()) {
      count = set->second;
    } else {
      for (const auto* const bus : broker_->buses_) *count += bus->confirmed_.contains(channel) ? 1 : 0;
    }
    executor_.post([done = std::move(done), count = std::move(count)]() mutable { done(std::move(count)); });
  }
  [[nodiscard]] base::Executor& executor() const noexcept override { return executor_; }
  void listen(std::string prefix, BusListener& listener) override {
    const std::lock_guard lock(broker_->mutex_);
    listeners_[std::move(prefix)] = &listener;
  }

 private:
  void confirm(const std::string& channel) {
    if (holds_confirmations_) return;
    confirmed_.insert(channel);
    auto* const listener = listener_of(channel);
    if (listener != nullptr) executor_.post([listener, channel] { listener->on_subscribed(channel); });
  }
  void report_loss() {
    if (!std::exchange(has_lost_, false)) return;
    tell_all([](BusListener& listener) { listener.on_publish_lost(); });
  }
  template <class Tell>
  void tell_all(Tell tell) {
    std::set<BusListener*> told;
    for (const auto& [prefix, listener] : listeners_) {
      if (told.insert(listener).second) executor_.post([tell, listener] { tell(*listener); });
    }
  }
  [[nodiscard]] BusListener* listener_of(std::string_view channel) const {
    BusListener* longest = nullptr;
    std::size_t length = 0;
    for (const auto& [prefix, listener] : listeners_) {
      if (!channel.starts_with(prefix) || (longest != nullptr && prefix.size() < length)) continue;
      longest = listener;
      length = prefix.size();
    }
    return longest;
  }

  base::Executor& executor_;
  const std::shared_ptr<FakeBroker> broker_;  // its mutex guards what follows
  bool is_up_ = false;
  bool holds_confirmations_ = false;
  bool has_lost_ = false;
  std::size_t publishes_to_lose_ = 0;
  std::set<std::string> wanted_;
  std::set<std::string> confirmed_;
  std::map<std::string, BusListener*> listeners_;
  std::map<std::string, std::int64_t> counts_;
  std::vector<Published> published_;
};

}  // namespace redis
