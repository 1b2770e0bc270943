// The threads that read, each with a read-only connection of its own: in WAL mode they neither wait for the writer nor
// hold it up, and see everything that was committed before they began. Lives as long as the database is open.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sqlite/pending_operation.hpp"
#include "sqlite/read_session.hpp"

namespace sqlite {

class ReaderPool {
 public:
  // Some 100 ms of work for one thread; beyond that callers get Errc::overloaded.
  static constexpr std::size_t queue_max = 10'000;

  // Throws StorageFailure.
  ReaderPool(const std::string& path, int threads);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // Runs `work` in one snapshot and returns its result. Called on an executor's thread. Failures of its own:
  // overloaded, server_draining, storage_unavailable.
  template <class T, class Work>
  base::Task<base::Result<T>> read(Work work) {
    co_return co_await base::async<base::Result<T>>([&](base::Completion<base::Result<T>> done) {
      submit(std::make_unique<OperationOf<ReadSession, T, Work>>(std::move(work), std::move(done)));
    });
  }

  // Refuses what comes from now on, answers what is queued, ends the threads. Blocks until then. A second call does
  // nothing.
  void stop();

 private:
  using Operation = PendingOperation<ReadSession>;

  void submit(std::unique_ptr<Operation> operation);
  void run(ReadSession& session);
  [[nodiscard]] std::unique_ptr<Operation> next();

  std::mutex mutex_;
  std::condition_variable arrived_;
  bool stopping_ = false;
  std::deque<std::unique_ptr<Operation>> queue_;
  std::vector<std::unique_ptr<ReadSession>> sessions_;
  std::vector<std::thread> threads_;
};

}  // namespace sqlite
