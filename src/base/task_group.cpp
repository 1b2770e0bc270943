#include "base/task_group.hpp"

#include <cassert>
#include <exception>

#include "base/log.hpp"

namespace base {

// Starts at once and frees itself at its end.
struct TaskGroup::Runner {
  struct promise_type {
    [[nodiscard]] Runner get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

TaskGroup::Runner TaskGroup::run(TaskGroup& group, Task<> task) {
  {
    // The task's frame, and whatever it holds, is gone before the group counts it as ended.
    Task<> running = std::move(task);
    try {
      co_await running;
    } catch (const std::exception& e) {
      log::error("task.failed", {{"what", e.what()}});
    }
  }
  group.ended();
}

TaskGroup::~TaskGroup() {
  assert(size() == 0 && "a task outlives its owner");
}

void TaskGroup::spawn(Task<> task) {
  running_.fetch_add(1, std::memory_order_relaxed);
  run(*this, std::move(task));
}

void TaskGroup::ended() noexcept {
  Job done;
  {
    // Under the lock, so that on_idle() either sees the last task or is seen by it.
    const std::lock_guard lock(mutex_);
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) done = std::exchange(on_idle_, nullptr);
  }
  if (done) done();
}

void TaskGroup::on_idle(Job done) {
  {
    const std::lock_guard lock(mutex_);
    if (size() != 0) {
      on_idle_ = std::move(done);
      return;
    }
  }
  done();
}

}  // namespace base
