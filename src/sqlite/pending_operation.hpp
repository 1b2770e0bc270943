// An operation on its way from the executor that awaits it to one of the storage threads and back. Owned by the queue,
// then by the thread that runs it, then by the job that resumes the caller.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/executor.hpp"
#include "base/task.hpp"

namespace sqlite {

// Session: what the operation works on; the writer's batch or a reader's connection.
template <class Session>
class PendingOperation {
 public:
  PendingOperation() : executor_(base::Executor::current()) {}
  virtual ~PendingOperation() = default;
  PendingOperation(const PendingOperation&) = delete;
  PendingOperation& operator=(const PendingOperation&) = delete;

  // On the storage thread. May be called again when the attempt was rolled back: the last result counts.
  virtual void run(Session& session) = 0;
  virtual void fail(base::Error error) = 0;
  // Resumes the caller with the result, on its executor.
  virtual void complete() = 0;

  [[nodiscard]] base::Executor& executor() const noexcept { return executor_; }

 private:
  base::Executor& executor_;
};

template <class Session>
using Operations = std::vector<std::unique_ptr<PendingOperation<Session>>>;

// Work: Result<T>(Session&), callable again and again.
template <class Session, class T, class Work>
class OperationOf final : public PendingOperation<Session> {
 public:
  OperationOf(Work work, base::Completion<base::Result<T>> done) : work_(std::move(work)), done_(std::move(done)) {}

  void run(Session& session) override { result_.emplace(work_(session)); }
  void fail(base::Error error) override { result_.emplace(std::unexpected(std::move(error))); }
  void complete() override { done_(*std::move(result_)); }

 private:
  Work work_;
  base::Completion<base::Result<T>> done_;
  std::optional<base::Result<T>> result_;
};

// Hands every operation back to its executor, each executor with one job: a batch wakes a thread once.
template <class Session>
void complete_on_executors(Operations<Session> operations) {
  std::unordered_map<base::Executor*, Operations<Session>> by_executor;
  for (auto& operation : operations) by_executor[&operation->executor()].push_back(std::move(operation));
  for (auto& [executor, completed] : by_executor) {
    executor->post([resumed = std::move(completed)] {
      for (const auto& operation : resumed) operation->complete();
    });
  }
}

}  // namespace sqlite
