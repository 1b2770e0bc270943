#include "sqlite/reader_pool.hpp"

#include "base/log.hpp"

namespace sqlite {
namespace {

// Inner pages of the indexes; the rest is the operating system's cache.
constexpr const char* settings = "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY";

}  // namespace

ReaderPool::ReaderPool(const std::string& path, int threads) {
  for (int i = 0; i < threads; ++i) {
    Connection connection(path, Connection::Mode::read_only);
    connection.execute(settings);
    sessions_.push_back(std::make_unique<ReadSession>(std::move(connection)));
  }
  for (const auto& session : sessions_) threads_.emplace_back([this, &session = *session] { run(session); });
}

ReaderPool::~ReaderPool() {
  stop();
}

void ReaderPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  arrived_.notify_all();
  for (auto& thread : threads_) thread.join();
  // The last connection of all, the writer's, can then empty the write-ahead log.
  sessions_.clear();
}

void ReaderPool::submit(std::unique_ptr<Operation> operation) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      operation->fail({.code = base::Errc::server_draining});
    } else if (queue_.size() >= queue_max) {
      operation->fail({.code = base::Errc::overloaded, .detail = "the readers' queue is full"});
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

// --- a reader's thread

void ReaderPool::run(ReadSession& session) {
  while (auto operation = next()) {
    try {
      const ReadSession::Snapshot snapshot(session);
      operation->run(session);
    } catch (const StorageFailure& failure) {
      base::log::error("storage.read_failed", {{"code", failure.code()}, {"what", failure.what()}});
      operation->fail({.code = base::Errc::storage_unavailable, .detail = failure.what()});
    }
    base::Executor& executor = operation->executor();
    executor.post([done = std::move(operation)] { done->complete(); });
  }
}

// Nothing at the end.
std::unique_ptr<ReaderPool::Operation> ReaderPool::next() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !queue_.empty() || stopping_; });
  if (queue_.empty()) return nullptr;
  auto operation = std::move(queue_.front());
  queue_.pop_front();
  return operation;
}

}  // namespace sqlite
