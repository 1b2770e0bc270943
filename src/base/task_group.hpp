// The owner of running tasks: nothing here is detached. A task group is the last member of its class; whoever stops the
// class makes the awaited operations end (closing what they wait for), then waits for on_idle(). Threads: spawn() and
// the tasks' ends may happen on any executor's thread.
#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <mutex>

#include "base/executor.hpp"
#include "base/task.hpp"

namespace base {

class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  // Precondition: no task is left.
  ~TaskGroup();

  // Runs the task up to its first wait, now, on this thread. An exception that leaves the task is a bug: it is logged
  // as `task.failed` and the task counts as ended.
  void spawn(Task<> task);

  [[nodiscard]] std::size_t size() const noexcept { return running_.load(std::memory_order_acquire); }
  // Calls `done` once, on the thread that ends the last task, or at once where there is none.
  void on_idle(Job done);

 private:
  struct Runner;
  static Runner run(TaskGroup& group, Task<> task);
  void ended() noexcept;

  std::atomic<std::size_t> running_{0};
  std::mutex mutex_;
  Job on_idle_;
};

}  // namespace base
