// The Commands port, answered by the test: each command by hand with answer(), or all of them by a function that plays
// Redis. Replies are jobs on the executor, never within send(). Any thread.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "redis/commands.hpp"

namespace redis {

[[nodiscard]] inline Reply text_reply(std::string text) {
  return {.type = Reply::Type::string, .text = std::move(text)};
}
[[nodiscard]] inline Reply status_reply(std::string text = "OK") {
  return {.type = Reply::Type::status, .text = std::move(text)};
}
[[nodiscard]] inline Reply integer_reply(std::int64_t integer) {
  return {.type = Reply::Type::integer, .integer = integer};
}
[[nodiscard]] inline Reply error_reply(std::string text) {
  return {.type = Reply::Type::error, .text = std::move(text)};
}
[[nodiscard]] inline Reply array_reply(std::vector<Reply> elements) {
  return {.type = Reply::Type::array, .elements = std::move(elements)};
}

class FakeCommands final : public Commands {
 public:
  // Nothing: the command waits for answer().
  using Server = std::function<std::optional<base::Result<Reply>>(const Arguments& arguments)>;

  // Up from the beginning.
  explicit FakeCommands(base::Executor& executor) : executor_(executor) {}
  FakeCommands(const FakeCommands&) = delete;
  FakeCommands& operator=(const FakeCommands&) = delete;

  // From now on this answers. Called within send(), one command at a time.
  void serve(Server server) {
    const std::lock_guard lock(mutex_);
    server_ = std::move(server);
  }
  // Down: what waits and what is sent fails with storage_unavailable.
  void set_link(bool is_up) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_up_, is_up) == is_up) return;
    while (!is_up && !waiting_.empty()) finish_first(base::fail(base::Errc::storage_unavailable, "the link is down"));
    for (const auto& observer : observers_) executor_.post([observer, is_up] { observer(is_up); });
  }
  // As a cluster with a master that is away: not up, and what is sent is answered nevertheless. Nobody is told.
  void set_incomplete(bool is_incomplete) {
    const std::lock_guard lock(mutex_);
    is_incomplete_ = is_incomplete;
  }
  // The oldest command that waits.
  void answer(base::Result<Reply> reply) {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) throw std::logic_error("no command waits for an answer");
    finish_first(std::move(reply));
  }

  // Every command since the last call, in order, also those without a `done`.
  [[nodiscard]] std::vector<Arguments> take_sent() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sent_, {});
  }
  [[nodiscard]] std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  void send(Arguments arguments, Done done) override {
    const std::lock_guard lock(mutex_);
    auto reply = server_ && is_up_ ? server_(arguments) : std::nullopt;
    if (!is_up_) reply = base::fail(base::Errc::storage_unavailable, "the link is down");
    sent_.push_back(std::move(arguments));
    if (reply) {
      post(std::move(done), std::move(*reply));
    } else {
      waiting_.push_back(std::move(done));
    }
  }
  void send(Arguments arguments) override {
    const std::lock_guard lock(mutex_);
    if (server_ && is_up_) (void)server_(arguments);
    sent_.push_back(std::move(arguments));
  }
  [[nodiscard]] base::Executor& executor() const noexcept override { return executor_; }
  [[nodiscard]] bool is_up() const noexcept override {
    const std::lock_guard lock(mutex_);
    return is_up_ && !is_incomplete_;
  }
  void observe_link(std::function<void(bool is_up)> observer) override {
    const std::lock_guard lock(mutex_);
    executor_.post([observer, is_up = is_up_] { observer(is_up); });
    observers_.push_back(std::move(observer));
  }

 private:
  void finish_first(base::Result<Reply> reply) {
    auto done = std::move(waiting_.front());
    waiting_.pop_front();
    post(std::move(done), std::move(reply));
  }
  void post(Done done, base::Result<Reply> reply) {
    executor_.post([done = std::move(done), reply = std::move(reply)]() mutable { done(std::move(reply)); });
  }

  base::Executor& executor_;
  mutable std::mutex mutex_;  // guards what follows
  bool is_up_ = true;
  bool is_incomplete_ = false;
  Server server_;
  std::vector<Arguments> sent_;
  std::deque<Done> waiting_;
  std::vector<std::function<void(bool)>> observers_;
};

}  // namespace redis
