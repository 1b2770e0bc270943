// A task that waits for what another task, perhaps on another thread, is doing. Made inside base::async() on the
// waiting task's executor; answered once, from any thread.
#pragma once

#include <utility>

#include "base/executor.hpp"
#include "base/task.hpp"

namespace messaging {

template <class T>
class Waiter {
 public:
  explicit Waiter(base::Completion<T> done) : executor_(&base::Executor::current()), done_(std::move(done)) {}

  // Resumes the task on its own executor; never before this returns.
  void answer(T value) {
    executor_->post([done = std::move(done_), value = std::move(value)]() mutable { done(std::move(value)); });
  }

 private:
  base::Executor* executor_;
  base::Completion<T> done_;
};

}  // namespace messaging
