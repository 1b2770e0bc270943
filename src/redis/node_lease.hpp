// This node's sign of life: a key that expires, renewed all the time, and the node's place in the set of all nodes; who
// has neither is not reaped. Where either was gone meanwhile (FLUSHALL, a long break, taken for dead by another node),
// what stood in Redis for this node is gone as well, or about to go. On the Commands' executor.
#pragma once

#include <functional>
#include <string>

#include "base/task_group.hpp"
#include "redis/asks.hpp"
#include "redis/node_keys.hpp"

namespace redis {

class NodeLease {
 public:
  struct Settings {
    std::string node_id;
    base::milliseconds lease;
    base::milliseconds renewal;
  };

  // `on_made`: lease and place have just been made, for the first time, or again because they had vanished.
  NodeLease(Commands& redis, NodeKeys keys, Settings settings, std::function<void()> on_made);
  // Also where the loop ended before stop().
  ~NodeLease() { asks_.cancel(); }
  NodeLease(const NodeLease&) = delete;
  NodeLease& operator=(const NodeLease&) = delete;

  void start();
  // Out of turn; for a link that is back.
  void renew_now();
  [[nodiscard]] bool was_made() const noexcept { return was_made_; }
  // Nothing of it runs afterwards. The lease itself is left to expire.
  void stop();

 private:
  void tick();
  base::Task<> renew();
  void note_failure(const std::string& problem);

  Commands& redis_;
  const NodeKeys keys_;
  const Settings settings_;
  const std::function<void()> on_made_;
  bool was_made_ = false;
  bool is_renewing_ = false;
  bool has_failed_ = false;
  base::TimerId timer_ = 0;
  Asks asks_;
  base::TaskGroup tasks_;
};

}  // namespace redis
