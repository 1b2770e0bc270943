// The Bus over real connections. Two forms of one class: classic (PUBLISH and SUBSCRIBE, over one publishing and one
// subscribing connection to any node) and sharded (SPUBLISH and SSUBSCRIBE, a pair of connections to each owner of
// slots). Lives on one I/O thread. Reconnects by itself, as RedisClient.
//
// A message counts as published when Redis has answered it. What is published while its link is away is lost at once,
// and so is what was unanswered on a link that broke, and what comes when 64 Ki messages or 32 MiB are unanswered:
// these are hints, of no use when they are late, and the loss is told by on_publish_lost() as soon as a message gets
// through (of a cluster: while all masters are there) or the link is back. Of a cluster, on_link(true) means a link to
// every master.
#pragma once

#include <memory>
#include <string>

#include "net/io_thread.hpp"
#include "redis/bus.hpp"
#include "redis/options.hpp"

namespace redis {

class RedisBus final : public Bus {
 public:
  enum class Mode : std::uint8_t { classic, sharded };

  // Throws std::runtime_error with a sentence for the operator where options.ca_file cannot be used.
  RedisBus(net::IoThread& thread, Options options, Mode mode);
  // After stop(), or when the thread's loop has ended.
  ~RedisBus() override;
  RedisBus(const RedisBus&) = delete;
  RedisBus& operator=(const RedisBus&) = delete;

  void start();
  // Writes out what was published, for 1 s at most, and closes. `done` on the thread.
  void stop(base::Job done);

  void publish(std::string channel, std::string payload) override;
  void subscribe(std::string channel) override;
  void unsubscribe(std::string channel) override;
  void count_subscribers(std::string channel, std::move_only_function<void(base::Result<std::int64_t>)> done) override;
  [[nodiscard]] base::Executor& executor() const noexcept override;
  void listen(std::string prefix, BusListener& listener) override;
  // Why a publishing link is not up, or that Redis refuses a subscription; a sentence for the operator, empty while all
  // is well. Any thread.
  [[nodiscard]] std::string failure() const;

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace redis
