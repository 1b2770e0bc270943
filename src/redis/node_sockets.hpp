// What this node holds, in memory and in Redis: user:sockets:<userId> of its users, and its own set, by which others
// can take it away. Writes changes through in order; where it cannot know that they arrived, it compares both and sends
// what differs. On the Commands' executor.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/task_group.hpp"
#include "redis/asks.hpp"
#include "redis/node_keys.hpp"

namespace redis {

class NodeSockets {
 public:
  struct Change {
    // SharedSocket::member()
    std::string member;
    bool is_there = true;
  };

  NodeSockets(Commands& redis, const NodeKeys& keys, const std::string& node_id);
  // Also where the loop ended before stop().
  ~NodeSockets() { asks_.cancel(); }
  NodeSockets(const NodeSockets&) = delete;
  NodeSockets& operator=(const NodeSockets&) = delete;

  // In the order in which they came to be. Only noted until add_again() is called for the first time.
  void apply(std::vector<Change> changes);
  // Redis may not have what it was sent: takes away what is there and not here, adds all the rest again; now. Where it
  // fails it is tried again, after a growing pause.
  void add_again();
  // Nothing of it runs afterwards.
  void stop();

 private:
  // Commands that belong together.
  struct Writes;

  base::Task<> send(Writes writes);
  base::Task<base::Result<Reply>> write(Writes writes);
  base::Task<> compare();
  base::Task<base::Result<Reply>> take_strays_away();
  base::Task<base::Result<Reply>> add_all();
  [[nodiscard]] std::vector<std::string_view> members_after(const std::string& member) const;
  void compare_later();

  Commands& redis_;
  const std::string own_set_;
  // Ordered, so that a walk through it can go on after it has changed. Some 150 bytes for each socket.
  std::set<std::string> members_;
  bool may_send_ = false;
  bool is_comparing_ = false;
  bool compare_once_more_ = false;
  // In a row, of comparisons.
  int failures_ = 0;
  // 0: none is wanted.
  base::TimerId timer_ = 0;
  Asks asks_;
  base::TaskGroup tasks_;
};

}  // namespace redis
