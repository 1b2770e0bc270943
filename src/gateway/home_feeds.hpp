// The users whose home is one thread: for each user with a socket on this node the sequencer, and the threads that have
// sockets of the user. Reads the feed's head when a user comes, and the table when positions are missing. Owned by
// SocketNotifier, one for each I/O thread; used on that thread alone. An entry lives from the user's first socket to
// the last.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "base/executor.hpp"
#include "base/task_group.hpp"
#include "gateway/user_sequencer.hpp"
#include "socketio/adapter.hpp"

namespace gateway {

// The room of all devices of a user, on every node.
[[nodiscard]] inline socketio::Room user_room(const messaging::UserId& user) {
  return "user:" + user.str();
}

class HomeFeeds {
 public:
  // One bit for each thread, by index.
  using ThreadSet = std::uint64_t;
  static constexpr std::size_t threads_max = 64;
  // What one read of the table brings at most; longer gaps take several.
  static constexpr int repair_page_events = 200;

  // Called for what may be told now, in order.
  using Deliver = std::function<void(const messaging::UserId& user, ThreadSet threads, UserSequencer::Item item)>;
  // Called once, on this thread, when the user's events flow: everything above the position will be delivered.
  using Attached = std::move_only_function<void(base::Result<messaging::Position> told_up_to)>;

  // `executor` is this thread's. The references outlive this object, and the executor's loop ends before it.
  HomeFeeds(const base::Clock& clock, base::Executor& executor, messaging::IFeedRepository& feeds,
            socketio::Adapter& adapter, base::TaskGroup& tasks, Deliver deliver);

  void attach(const messaging::UserId& user, std::size_t thread, Attached attached);
  // The thread's last socket of the user is gone.
  void detach(const messaging::UserId& user, std::size_t thread);
  void publish(const messaging::UserId& user, UserSequencer::Item item);
  // Compares this user's position with the tables, or those of all users here, and reads what is missing. `done` is
  // called on this thread: false where the tables could not be read.
  using Compared = std::move_only_function<void(bool succeeded)>;
  void compare_heads(std::optional<messaging::UserId> user, Compared done);

 private:
  struct Entry {
    UserSequencer sequencer;
    ThreadSet threads = 0;
    base::TimerId repair_timer = 0;
    // Tells this entry from an earlier one of the same user, for what was begun for that.
    std::uint64_t generation = 0;
    std::vector<Attached> waiting_for_head;
  };

  base::Task<> read_head(messaging::UserId user, std::uint64_t generation);
  base::Task<> compare(std::vector<messaging::UserId> users, Compared done);
  base::Task<> repair(messaging::UserId user, std::uint64_t generation, messaging::Position since);
  void on_repair_timer(const messaging::UserId& user, std::uint64_t generation);
  // Delivers what the sequencer let go, and sets or ends its timer.
  void follow_up(const messaging::UserId& user, Entry& entry, UserSequencer::Items items);
  [[nodiscard]] Entry* find(const messaging::UserId& user, std::uint64_t generation);

  const base::Clock& clock_;
  base::Executor& executor_;
  messaging::IFeedRepository& feeds_;
  socketio::Adapter& adapter_;
  base::TaskGroup& tasks_;
  Deliver deliver_;
  std::uint64_t generations_ = 0;
  std::unordered_map<messaging::UserId, Entry> users_;
};

}  // namespace gateway
