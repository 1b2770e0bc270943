// Takes away what a dead node left in the register of sockets: its members of user:sockets:<userId>, its own set, its
// place in the set of nodes. All survivors try, one of them wins; where the winner dies over it, another does it 10 s
// later. On the Commands' executor.
#pragma once

#include <map>
#include <string>

#include "base/task_group.hpp"
#include "redis/asks.hpp"
#include "redis/node_keys.hpp"

namespace redis {

class Reaper {
 public:
  // `seen_by_all_after`: by then every node that watches has seen that another one is dead.
  Reaper(Commands& redis, NodeKeys keys, std::string own_id, base::milliseconds seen_by_all_after);
  // Also where the loop ended before stop().
  ~Reaper() { asks_.cancel(); }
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Any number of times; nothing where it is under way here, or at another node.
  void reap(const std::string& node);
  // Nothing of it runs afterwards; a reaping under way is left to another node.
  void stop();

 private:
  base::Task<> reap_if_first(std::string node);
  base::Task<> forget(std::string node);

  Commands& redis_;
  const NodeKeys keys_;
  const std::string own_id_;
  const base::milliseconds seen_by_all_after_;
  // The nodes that are being reaped here; with the timer of the last step, while that is waited for.
  std::map<std::string, base::TimerId> under_way_;
  Asks asks_;
  base::TaskGroup tasks_;
};

// Whose sockets to take away, and when to stop.
enum class Removal : std::uint8_t {
  unless_alive,  // until the node's lease is there again
  in_any_case,
};
// In chunks, each socket out of its user's set before it goes out of the node's, so that what fails midway can be done
// again. How many were taken away.
base::Task<base::Result<std::size_t>> remove_sockets(Asks& asks, NodeKeys keys, std::string node, Removal removal);

}  // namespace redis
