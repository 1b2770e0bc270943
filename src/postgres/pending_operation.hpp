// An operation on its way from the executor that awaits it to a connection's thread and back. Owned by a queue, then by
// the batch or the reader that carries it out, then by the job that resumes the caller.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/executor.hpp"

namespace postgres {

class PendingOperation {
 public:
  // On the caller's executor.
  PendingOperation() : executor_(base::Executor::current()) {}
  virtual ~PendingOperation() = default;
  PendingOperation(const PendingOperation&) = delete;
  PendingOperation& operator=(const PendingOperation&) = delete;

  virtual void fail(base::Error error) = 0;
  // Resumes the caller with the last result that was set, on its executor.
  virtual void complete() = 0;

  [[nodiscard]] base::Executor& executor() const noexcept { return executor_; }
  // When the caller must have its answer. Set when the operation is queued.
  base::SteadyTime due{};

 private:
  base::Executor& executor_;
};

template <class Operation>
using Operations = std::vector<std::unique_ptr<Operation>>;

// Hands every operation back to its executor, each executor with one job: a batch wakes a thread once.
template <class Operation>
void complete_on_executors(Operations<Operation> operations) {
  std::unordered_map<base::Executor*, Operations<Operation>> by_executor;
  for (auto& operation : operations) by_executor[&operation->executor()].push_back(std::move(operation));
  for (auto& [executor, completed] : by_executor) {
    executor->post([resumed = std::move(completed)] {
      for (const auto& operation : resumed) operation->complete();
    });
  }
}

inline base::Error unavailable(std::string detail) {
  return {.code = base::Errc::storage_unavailable, .detail = std::move(detail)};
}

}  // namespace postgres
