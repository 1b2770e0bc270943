#include "base/manual_executor.hpp"

#include <algorithm>

namespace base {

void ManualExecutor::post(Job job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
}

TimerId ManualExecutor::schedule(milliseconds after, Job job) {
  const TimerId id = next_timer_++;
  timers_.emplace(std::pair(clock_.steady_now() + after, id), std::move(job));
  return id;
}

void ManualExecutor::cancel(TimerId id) {
  const auto found = std::ranges::find_if(timers_, [id](const auto& timer) { return timer.first.second == id; });
  if (found != timers_.end()) timers_.erase(found);
}

bool ManualExecutor::run_due_timer() {
  if (timers_.empty() || timers_.begin()->first.first > clock_.steady_now()) return false;
  auto job = std::move(timers_.begin()->second);
  timers_.erase(timers_.begin());
  const Scope scope(*this);
  job();
  return true;
}

std::size_t ManualExecutor::run() {
  std::size_t count = 0;
  for (;;) {
    std::deque<Job> ready;
    {
      const std::lock_guard lock(mutex_);
      ready.swap(jobs_);
    }
    if (ready.empty() && !run_due_timer()) return count;
    for (auto& job : ready) {
      const Scope scope(*this);
      job();
      ++count;
    }
  }
}

void ManualExecutor::advance(milliseconds by) {
  const SteadyTime end = clock_.steady_now() + by;
  run();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    const auto wait = timers_.begin()->first.first - clock_.steady_now();
    clock_.advance(std::chrono::ceil<milliseconds>(std::max(wait, decltype(wait)::zero())));
    run();
  }
  clock_.advance(std::chrono::ceil<milliseconds>(end - clock_.steady_now()));
  run();
}

}  // namespace base
