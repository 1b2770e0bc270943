// For this folder's tests against real servers: a client or a bus on a thread of its own, called as if it were
// synchronous, and a listener that can be waited for. What does not happen in time is an exception.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/loopback_test_support.hpp"
#include "redis/redis_bus.hpp"
#include "redis/redis_client.hpp"

namespace redis {

// A set of conditions over what other threads report.
class Recorder {
 public:
  template <class Change>
  void record(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  template <class Condition>
  void wait_until(Condition condition) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, net::patience, condition)) throw std::runtime_error("it did not happen in time");
  }
  template <class Read>
  auto read(Read value) {
    const std::lock_guard lock(mutex_);
    return value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class RunningClient {
 public:
  explicit RunningClient(Options options, bool waits_until_up = true) : client_(*thread_, std::move(options)) {
    client_.observe_link([this](bool is_up) { links_.record([&] { states_.push_back(is_up); }); });
    client_.start();
    if (waits_until_up) await_link(true);
  }
  ~RunningClient() {
    stop();
    thread_.stop();
  }

  RedisClient* operator->() { return &client_; }
  RedisClient& operator*() { return client_; }

  std::future<base::Result<Reply>> send(Commands::Arguments arguments) {
    std::promise<base::Result<Reply>> promise;
    auto future = promise.get_future();
    client_.send(std::move(arguments), [promise = std::move(promise)](base::Result<Reply> reply) mutable {
      promise.set_value(std::move(reply));
    });
    return future;
  }
  base::Result<Reply> operator()(Commands::Arguments arguments) { return net::wait_for(send(std::move(arguments))); }
  void await_link(bool is_up) {
    links_.wait_until([&] { return !states_.empty() && states_.back() == is_up; });
  }
  // Failed attempts are told to nobody: it looks from time to time.
  void await_failure(std::string_view part) {
    for (int attempt = 0; client_.failure().find(part) == std::string::npos; ++attempt) {
      if (attempt == 500) throw std::runtime_error("another failure: " + client_.failure());
      std::promise<void> later;
      auto passed = later.get_future();
      thread_.run([&] { (void)thread_->schedule(base::milliseconds(20), [&later] { later.set_value(); }); });
      net::wait_for(std::move(passed));
    }
  }
  void stop() {
    if (std::exchange(is_stopped_, true)) return;
    std::promise<void> stopped;
    auto done = stopped.get_future();
    client_.stop([&stopped] { stopped.set_value(); });
    net::wait_for(std::move(done));
  }

 private:
  net::RunningThread thread_;
  Recorder links_;
  std::vector<bool> states_;
  RedisClient client_;
  bool is_stopped_ = false;
};

class RunningBus final : private BusListener {
 public:
  RunningBus(Options options, RedisBus::Mode mode) : bus_(*thread_, std::move(options), mode) {
    bus_.listen("", *this);
    bus_.start();
  }
  ~RunningBus() override {
    std::promise<void> stopped;
    auto done = stopped.get_future();
    bus_.stop([&stopped] { stopped.set_value(); });
    net::wait_for(std::move(done));
    thread_.stop();
  }

  RedisBus* operator->() { return &bus_; }

  void await_link(bool is_up) {
    events_.wait_until([&] { return !links_.empty() && links_.back() == is_up; });
  }
  // Until it was confirmed so often, all in all.
  void await_subscribed(const std::string& channel, std::ptrdiff_t times = 1) {
    events_.wait_until([&] { return std::ranges::count(subscribed_, channel) >= times; });
  }
  void subscribe(const std::string& channel) {
    bus_.subscribe(channel);
    await_subscribed(channel);
  }
  void await_messages(std::size_t count) {
    events_.wait_until([&] { return messages_.size() >= count; });
  }
  void await_losses(int count) {
    events_.wait_until([&] { return losses_ >= count; });
  }
  std::vector<std::string> take_messages() {
    return events_.read([&] { return std::exchange(messages_, {}); });
  }
  int losses() {
    return events_.read([&] { return losses_; });
  }
  std::ptrdiff_t confirmations(const std::string& channel) {
    return events_.read([&] { return std::ranges::count(subscribed_, channel); });
  }
  base::Result<std::int64_t> count(const std::string& channel) {
    std::promise<base::Result<std::int64_t>> promise;
    auto future = promise.get_future();
    thread_.run([&] {
      bus_.count_subscribers(channel,
                             [&promise](base::Result<std::int64_t> count) { promise.set_value(std::move(count)); });
    });
    return net::wait_for(std::move(future));
  }
  net::IoThread& thread() { return *thread_; }

 private:
  void on_message(std::string_view channel, std::string_view payload) override {
    events_.record([&] { messages_.push_back(std::string(channel) + "=" + std::string(payload)); });
  }
  void on_subscribed(std::string_view channel) override {
    events_.record([&] { subscribed_.emplace_back(channel); });
  }
  void on_link(bool is_up) override {
    events_.record([&] { links_.push_back(is_up); });
  }
  void on_publish_lost() override {
    events_.record([&] { ++losses_; });
  }

  net::RunningThread thread_;
  Recorder events_;
  std::vector<std::string> messages_;
  std::vector<std::string> subscribed_;
  std::vector<bool> links_;
  int losses_ = 0;
  RedisBus bus_;
};

}  // namespace redis
