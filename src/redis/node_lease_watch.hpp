// Watches the other nodes' leases, and tells when one is gone without a farewell. Every node watches all others. On the
// Commands' executor.
//
// A lease has to be missing at two looks, 250 ms apart, and the node in the set of nodes at both (one that says
// farewell leaves the set before its lease goes); so a death is noticed 2.3 to 4.3 s after it. Nothing is judged within
// one lease after Redis or the link to it was away, or lost what it held: the others renew theirs in that time.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/task_group.hpp"
#include "redis/asks.hpp"
#include "redis/node_keys.hpp"

namespace redis {

class NodeLeaseWatch {
 public:
  struct Settings {
    // Not watched.
    std::string own_id;
    base::milliseconds lease;
    // Between two looks.
    base::milliseconds watch;
  };
  // `is_new`: the loss was not told before. Told again at every look while the node is in the set of nodes.
  using OnLost = std::function<void(const std::string& node_id, bool is_new)>;

  NodeLeaseWatch(Commands& redis, NodeKeys keys, Settings settings, OnLost on_lost);
  // Also where the loop ended before stop().
  ~NodeLeaseWatch() { asks_.cancel(); }
  NodeLeaseWatch(const NodeLeaseWatch&) = delete;
  NodeLeaseWatch& operator=(const NodeLeaseWatch&) = delete;

  void start();
  // Judge no node within the time of one lease from now.
  void postpone();
  // Nothing of it runs afterwards.
  void stop();

 private:
  using Nodes = std::set<std::string>;
  void begin_look();
  base::Task<> look();
  // Nothing where Redis did not answer.
  base::Task<base::Result<Nodes>> find_missing();
  // True where some have to be looked at again soon.
  bool judge(const Nodes& missing);

  Commands& redis_;
  const NodeKeys keys_;
  const Settings settings_;
  const OnLost on_lost_;
  // Missing at the last look, for the first time.
  Nodes suspected_;
  // Told, and missing still.
  Nodes lost_;
  base::TimerId look_timer_ = 0;
  // 0: judging.
  base::TimerId grace_timer_ = 0;
  Asks asks_;
  base::TaskGroup tasks_;
};

}  // namespace redis
