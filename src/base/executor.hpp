// The port to a thread's event loop, as the layers without I/O see it: run this next, run this later.
// Implemented by net::IoThread over an io_context, and by ManualExecutor for tests.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.hpp"

namespace base {

using Job = std::move_only_function<void()>;
// 0 is no timer.
using TimerId = std::uint64_t;

// Guarantees of every implementation:
//  - Jobs run one at a time, on one thread for the executor's whole life; jobs posted by one thread run in the order of
//  posting.
//  - post() may be called from any thread and never runs the job before it returns.
//  - Timers belong to the executor's own thread: schedule() and cancel() are called there only. A timer fires once, not
//  before
//    its time and at most 20 ms late on an idle loop; after cancel() it does not fire any more.
//  - After the loop was stopped, jobs and timers are destroyed without being run.
class Executor {
 public:
  virtual ~Executor() = default;

  virtual void post(Job job) = 0;
  [[nodiscard]] virtual TimerId schedule(milliseconds after, Job job) = 0;
  // Ids that have fired, were cancelled or are 0 are ignored.
  virtual void cancel(TimerId id) = 0;

  [[nodiscard]] bool is_current() const noexcept { return current_or_null() == this; }
  // The executor whose job this thread is running. Precondition: there is one.
  [[nodiscard]] static Executor& current() noexcept { return *current_or_null(); }
  [[nodiscard]] static Executor* current_or_null() noexcept;

 protected:
  // Set by an implementation's run loop around its jobs; nests.
  class Scope {
   public:
    explicit Scope(Executor& executor) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* previous_;
  };
};

}  // namespace base
