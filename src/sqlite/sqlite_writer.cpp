// States: running → draining → stopped.
//   running   operations are queued and committed
//   draining  stop() was called: new ones are refused, those in the queue are still committed
//   stopped   the thread has ended and the queue is empty
#include "sqlite/sqlite_writer.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace sqlite {

namespace metrics = base::metrics;

SqliteWriter::SqliteWriter(Connection connection, Limits limits, const base::Clock& clock)
    : connection_(std::move(connection)),
      statements_(connection_),
      begin_transaction_(connection_, "BEGIN IMMEDIATE"),
      commit_transaction_(connection_, "COMMIT"),
      limits_(limits),
      clock_(clock),
      thread_([this] { run(); }) {}

SqliteWriter::~SqliteWriter() {
  stop();
}

void SqliteWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::running) return;
    state_ = State::draining;
  }
  arrived_.notify_one();
  thread_.join();
  const std::lock_guard lock(mutex_);
  state_ = State::stopped;
}

void SqliteWriter::submit(std::unique_ptr<Operation> operation) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::running) {
      operation->fail({.code = base::Errc::server_draining});
    } else if (queue_.size() >= limits_.queue_max) {
      operation->fail({.code = base::Errc::overloaded, .detail = "the writer's queue is full"});
    } else {
      queue_.push_back(std::move(operation));
    }
  }
  if (operation) {          // was not moved into the queue
    operation->complete();  // NOLINT(bugprone-use-after-move)
  } else {
    arrived_.notify_one();
  }
}

// --- the writer's thread

void SqliteWriter::run() {
  for (Batch batch = next_batch(); !batch.empty(); batch = next_batch()) {
    commit(batch);
    complete_on_executors(std::move(batch));
  }
  checkpoint();
}

// What is queued, up to the batch's limit; waits for the first. Empty at the end.
SqliteWriter::Batch SqliteWriter::next_batch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !queue_.empty() || state_ != State::running; });
  Batch batch;
  batch.reserve(std::min(queue_.size(), limits_.batch_rows_max));
  while (!queue_.empty() && batch.size() < limits_.batch_rows_max) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

// Commits as many of the operations as the database takes; each has its result afterwards. A batch with an operation
// that is refused is halved until that one stands alone: some more commits, for something that does not happen in a
// sound database.
void SqliteWriter::commit(std::span<const std::unique_ptr<Operation>> operations) {
  try {
    attempt(operations);
    return;
  } catch (const StorageFailure& failure) {
    connection_.rollback();
    metrics::add(metrics::Counter::commit_failures);
    base::log::error("storage.batch_failed",
                     {{"code", failure.code()}, {"what", failure.what()}, {"rows", operations.size()}});
    if (!failure.is_refusal() || operations.size() == 1) {
      for (const auto& operation : operations) {
        operation->fail({.code = base::Errc::storage_unavailable, .detail = failure.what()});
      }
      return;
    }
  }
  const auto half = operations.size() / 2;
  commit(operations.first(half));
  commit(operations.subspan(half));
}

void SqliteWriter::attempt(std::span<const std::unique_ptr<Operation>> operations) {
  begin_transaction_.run();
  WriteBatch batch(statements_);
  for (const auto& operation : operations) operation->run(batch);
  batch.flush();
  const auto before = clock_.steady_now();
  commit_transaction_.run();
  const std::chrono::duration<double> took = clock_.steady_now() - before;
  metrics::observe(metrics::Histogram::commit_seconds, took.count());
  metrics::observe(metrics::Histogram::batch_size, static_cast<double>(operations.size()));
  metrics::add(metrics::Counter::batches_committed);
  metrics::add(metrics::Counter::batch_rows, operations.size());
}

// Leaves one file that can be copied as it is.
void SqliteWriter::checkpoint() {
  try {
    connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const StorageFailure& failure) {
    base::log::warn("storage.checkpoint_failed", {{"code", failure.code()}, {"what", failure.what()}});
  }
}

}  // namespace sqlite
