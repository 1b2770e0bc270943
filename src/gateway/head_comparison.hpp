// When this node's users are compared with the tables, so that what a bus lost, or a node that died did not publish,
// reaches its devices all the same: a gap in a user's positions shows by itself, the loss of the last event does not.
// At once and again 2 s later whenever something may be lost; every 3 s while the cluster cannot be reached; every 30 s
// anyway. A member that was lost may still be there, cut off from the cluster alone, and commit: for some minutes after
// that the short interval holds, too. Part of SocketNotifier; one thread.
#pragma once

#include <functional>
#include <optional>

#include "base/executor.hpp"

namespace gateway {

class HeadComparison {
 public:
  // A commit that was under way when the evidence came has ended by then.
  static constexpr base::milliseconds second_look{2'000};
  // With a comparison's own time it keeps what is late within 5 s.
  static constexpr base::milliseconds interval_without_link{3'000};
  static constexpr base::milliseconds interval{30'000};
  static constexpr base::milliseconds retry_pause{1'000};
  // However much evidence comes at once.
  static constexpr base::milliseconds pause_min{250};
  static constexpr base::milliseconds distrust_after_lost_member{600'000};

  using Done = std::move_only_function<void(bool succeeded)>;
  // Compares everybody; calls `done` on this thread.
  using Compare = std::function<void(Done done)>;

  HeadComparison(const base::Clock& clock, base::Executor& executor, Compare compare);

  // The regular ones begin: this node is one of several.
  void start();
  void suspect_loss();
  void member_lost();
  void link_changed(bool is_up);
  // No comparison begins any more.
  void stop();

 private:
  void look_again(base::SteadyTime at);
  void schedule();
  void run();
  void ended(bool succeeded);

  const base::Clock& clock_;
  base::Executor& executor_;
  Compare compare_;
  // The next one for a reason, the one after that, and the next regular one.
  std::optional<base::SteadyTime> suspected_;
  std::optional<base::SteadyTime> second_;
  std::optional<base::SteadyTime> regular_;
  base::SteadyTime began_at_{};
  base::SteadyTime ended_at_{};
  // Until then a member may be at work that the cluster does not hear.
  base::SteadyTime distrusts_until_{};
  base::TimerId timer_ = 0;
  bool is_running_ = false;
  bool is_link_up_ = false;
  bool is_stopped_ = false;
};

}  // namespace gateway
