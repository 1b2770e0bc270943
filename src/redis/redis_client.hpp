// Commands over real connections: one to a single server; with a cluster one to each master, found with CLUSTER SLOTS
// and corrected by MOVED. Lives on one I/O thread. Reconnects by itself, with a growing pause (50 ms to 2 s, jittered).
#pragma once

#include <memory>
#include <string>

#include "net/io_thread.hpp"
#include "redis/commands.hpp"
#include "redis/options.hpp"

namespace redis {

class RedisClient final : public Commands {
 public:
  // Throws std::runtime_error with a sentence for the operator where options.ca_file cannot be used.
  RedisClient(net::IoThread& thread, Options options);
  // After stop(), or when the thread's loop has ended.
  ~RedisClient() override;
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // Begins to connect; commands that come before wait for the link for their 2 s at most. Any thread, once.
  void start();
  // Writes out what waits, for 1 s at most, fails the rest, closes. `done` on the thread. Later commands fail.
  void stop(base::Job done);

  using Commands::send;
  void send(Arguments arguments, Done done) override;
  void send(Arguments arguments) override;
  [[nodiscard]] base::Executor& executor() const noexcept override;
  [[nodiscard]] bool is_up() const noexcept override;
  // Of a cluster: to every master.
  void observe_link(std::function<void(bool is_up)> observer) override;
  // Why the link is not up, a sentence for the operator; empty while it is. Any thread.
  [[nodiscard]] std::string failure() const;

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace redis
