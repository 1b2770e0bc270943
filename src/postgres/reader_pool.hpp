// The connections that read. An operation is one statement, and so one snapshot; it goes to whichever connection is
// free, and to another one where that is lost. Called from any executor; each connection lives on one of the I/O
// threads. Lives as long as the database is open.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/task.hpp"
#include "postgres/link.hpp"
#include "postgres/pending_operation.hpp"

namespace postgres {

class PendingRead : public PendingOperation {
 public:
  explicit PendingRead(Call wanted) : call(std::move(wanted)) {}
  // What the server returned; decoded by complete(), on the caller's executor.
  virtual void take(BinaryRows rows) = 0;

  const Call call;
  // How often it was sent and not answered.
  int attempts = 0;
};

// Decode: T(const BinaryRows&); may throw UnexpectedRow.
template <class T, class Decode>
class ReadOf final : public PendingRead {
 public:
  ReadOf(Call call, Decode decode, base::Completion<base::Result<T>> done)
      : PendingRead(std::move(call)), decode_(std::move(decode)), done_(std::move(done)) {}

  void take(BinaryRows rows) override { rows_ = std::move(rows); }
  void fail(base::Error error) override { error_ = std::move(error); }
  void complete() override { done_(result()); }

 private:
  base::Result<T> result() {
    if (error_) return std::unexpected(*std::move(error_));
    try {
      return decode_(rows_);
    } catch (const UnexpectedRow& unexpected) {
      return std::unexpected(unavailable(unexpected.what()));
    }
  }

  Decode decode_;
  base::Completion<base::Result<T>> done_;
  BinaryRows rows_;
  std::optional<base::Error> error_;
};

class ReaderPool {
 public:
  struct Limits {
    int readers = 4;
    std::size_t queue_max = 20'000;
    base::milliseconds operation_time_max{10'000};
  };

  ReaderPool(const std::vector<net::IoThread*>& threads, Connector& connector, const base::Clock& clock, Limits limits);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // Each begins to connect as soon as its thread runs.
  void start();

  // Executes the call and returns what `decode` makes of its rows. Called on an executor's thread. Failures of its own:
  // overloaded, server_draining, storage_unavailable.
  template <class T, class Decode>
  base::Task<base::Result<T>> read(Call call, Decode decode) {
    co_return co_await base::async<base::Result<T>>([&](base::Completion<base::Result<T>> done) {
      submit(std::make_unique<ReadOf<T, Decode>>(std::move(call), std::move(decode), std::move(done)));
    });
  }

  // Refuses what comes from now on, answers what is queued, closes the connections. Blocks until then; not on an
  // executor. A second call does nothing.
  void stop();

 private:
  class Reader;

  void submit(std::unique_ptr<PendingRead> operation);
  // False where the pool is stopping already.
  [[nodiscard]] bool note_started();
  // The next operation for the reader; nothing where there is none: then the reader is noted as idle.
  [[nodiscard]] std::unique_ptr<PendingRead> next_for(Reader& reader);
  // What a lost connection has not answered.
  void put_back(std::unique_ptr<PendingRead> operation);
  void fail_due_by_locked(base::SteadyTime time);
  // For a reader that was woken and cannot take anything now.
  void wake_another();
  // Fails what has waited too long, and returns when to look again.
  [[nodiscard]] std::optional<base::milliseconds> fail_expired();
  [[nodiscard]] bool is_stopping();
  void note_stopped();

  const base::Clock& clock_;
  const Limits limits_;
  std::vector<std::shared_ptr<Reader>> readers_;

  std::mutex mutex_;
  std::condition_variable has_stopped_;
  bool is_stopping_ = false;
  int running_ = 0;
  std::deque<std::unique_ptr<PendingRead>> queue_;
  std::vector<Reader*> idle_;
  // The first reader's thread will call fail_expired(): when the first that waited then is due, or later.
  bool is_alarm_set_ = false;
};

}  // namespace postgres
