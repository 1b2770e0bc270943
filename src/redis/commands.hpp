// The port to Redis as a store of keys: send a command, get its reply. Implemented by RedisClient (one connection, or
// one for each node of a cluster); tests answer by hand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/executor.hpp"
#include "redis/reply.hpp"

namespace redis {

class Commands {
 public:
  using Arguments = std::vector<std::string>;
  using Done = std::move_only_function<void(base::Result<Reply> reply)>;

  virtual ~Commands() = default;

  // From any thread, and returns at once. `done` is called exactly once, on executor(): with the reply (which may be an
  // error of Redis's own), storage_unavailable where the link is down, breaks, or gives no reply within 2 s (then the
  // command may have been carried out), or overloaded where too many wait. Commands of one thread arrive in order.
  // In a cluster a command goes to the owner of its key: arguments[1], or of EVAL and EVALSHA arguments[3].
  virtual void send(Arguments arguments, Done done) = 0;
  // Nobody waits for the reply. Failures are counted, not told.
  virtual void send(Arguments arguments) = 0;

  [[nodiscard]] virtual base::Executor& executor() const noexcept = 0;
  // Any thread.
  [[nodiscard]] virtual bool is_up() const noexcept = 0;
  // Called on executor() whenever the link comes up or goes down, and once for the state in which it is now. Before the
  // first command; observers outlive the client's use.
  virtual void observe_link(std::function<void(bool is_up)> observer) = 0;
};

}  // namespace redis
