// The one thread that writes. Operations queue up; while a batch is being committed the next one gathers, so a batch is
// one operation when little happens and hundreds under load: one fsync for all of them. Lives as long as the database
// is open.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>

#include "base/clock.hpp"
#include "sqlite/pending_operation.hpp"
#include "sqlite/write_batch.hpp"

namespace sqlite {

class SqliteWriter {
 public:
  struct Limits {
    // More make a commit longer for all of them without making it much cheaper for each.
    std::size_t batch_rows_max = 1'000;
    // Some 200 ms of work at full speed; beyond that callers get Errc::overloaded.
    std::size_t queue_max = 20'000;
  };

  SqliteWriter(Connection connection, Limits limits, const base::Clock& clock);
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  // Runs `work` in a batch and returns its result when that batch is durable. Called on an executor's thread. Failures
  // of its own: overloaded, server_draining, storage_unavailable (nothing was changed).
  template <class T, class Work>
  base::Task<base::Result<T>> write(Work work) {
    co_return co_await base::async<base::Result<T>>([&](base::Completion<base::Result<T>> done) {
      submit(std::make_unique<OperationOf<WriteBatch, T, Work>>(std::move(work), std::move(done)));
    });
  }

  // Refuses what comes from now on, commits what is queued, empties the write-ahead log into the file and ends the
  // thread. Blocks until then; not on an executor whose turn must go on. A second call does nothing.
  void stop();

 private:
  using Operation = PendingOperation<WriteBatch>;
  using Batch = Operations<WriteBatch>;
  enum class State { running, draining, stopped };

  void submit(std::unique_ptr<Operation> operation);
  void run();
  [[nodiscard]] Batch next_batch();
  void commit(std::span<const std::unique_ptr<Operation>> operations);
  void attempt(std::span<const std::unique_ptr<Operation>> operations);
  void checkpoint();

  Connection connection_;
  WriteStatements statements_;
  Statement begin_transaction_;
  Statement commit_transaction_;
  Limits limits_;
  const base::Clock& clock_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  State state_ = State::running;
  std::deque<std::unique_ptr<Operation>> queue_;
  std::thread thread_;
};

}  // namespace sqlite
