// An Executor driven by hand on a ManualClock: the event loop of unit tests and simulations. One thread; no waiting.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/executor.hpp"

namespace base {

class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(ManualClock& clock) : clock_(clock) {}

  void post(Job job) override;
  [[nodiscard]] TimerId schedule(milliseconds after, Job job) override;
  void cancel(TimerId id) override;

  // Runs posted jobs, and those they post, until none is left; due timers too. Returns how many jobs ran.
  std::size_t run();
  // Moves the clock on, firing timers at their own times in order.
  void advance(milliseconds by);
  // Runs `job` as this executor's, at once.
  template <class F>
  decltype(auto) enter(F&& job) {
    const Scope scope(*this);
    return std::forward<F>(job)();
  }

 private:
  bool run_due_timer();

  ManualClock& clock_;
  std::mutex mutex_;
  std::deque<Job> jobs_;
  std::map<std::pair<SteadyTime, TimerId>, Job> timers_;
  TimerId next_timer_ = 1;
};

}  // namespace base
