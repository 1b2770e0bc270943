// The port to Redis as a bus of messages: publish and subscribe. Implemented by PubSubBus (PUBLISH, SUBSCRIBE) and
// ShardedBus (SPUBLISH, SSUBSCRIBE at the owner of the channel's slot); tests have one in memory. Subscriptions are
// kept through broken links: after each reconnect they are made again, in chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/executor.hpp"

namespace redis {

// All calls on the bus's executor.
class BusListener {
 public:
  virtual ~BusListener() = default;
  // `payload` is good during the call; from outside: not to be trusted.
  virtual void on_message(std::string_view channel, std::string_view payload) = 0;
  // Redis has confirmed it: what is published from now on comes. Also after a resubscription, for each channel.
  virtual void on_subscribed(std::string_view channel) = 0;
  // The subscribing link is there (then on_subscribed() follows for every channel), or is lost.
  virtual void on_link(bool is_up) = 0;
  // Messages that this process published were lost on the way to Redis: since the last successful one, some or all.
  // Called when publishing works again.
  virtual void on_publish_lost() = 0;
};

class Bus {
 public:
  virtual ~Bus() = default;

  // From any thread, and returns at once. Messages of one thread arrive in order; what one turn publishes leaves in one
  // write. Beyond a bounded queue the newest are lost (and on_publish_lost() is told).
  virtual void publish(std::string channel, std::string payload) = 0;
  // From any thread; each channel once: whoever has several reasons counts them.
  virtual void subscribe(std::string channel) = 0;
  virtual void unsubscribe(std::string channel) = 0;
  // How many connections subscribe to the channel (NUMSUB, SHARDNUMSUB; with a cluster the sum). On the executor.
  virtual void count_subscribers(std::string channel,
                                 std::move_only_function<void(base::Result<std::int64_t>)> done) = 0;

  [[nodiscard]] virtual base::Executor& executor() const noexcept = 0;
  // Before start(), on any thread; at most one listener for channels that begin with `prefix` (the longest one that
  // fits gets it); on_link and on_publish_lost go to all. Listeners outlive the bus's use.
  virtual void listen(std::string prefix, BusListener& listener) = 0;
};

}  // namespace redis
