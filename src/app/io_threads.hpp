// The process's event loops, each on a thread of its own.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "net/io_thread.hpp"

namespace app {

class IoThreads {
 public:
  IoThreads(const base::Clock& clock, std::size_t count);
  // stop(), then the loops go.
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  [[nodiscard]] std::vector<net::IoThread*> all() const;
  [[nodiscard]] std::vector<base::Executor*> executors() const;
  [[nodiscard]] net::IoThread& first() const { return *loops_.front(); }

  // Once. Jobs that were posted before wait for it.
  void start();
  // Ends the loops and joins the threads. From a thread that is none of them.
  void stop();

 private:
  std::vector<std::unique_ptr<net::IoThread>> loops_;
  std::vector<std::jthread> threads_;
};

}  // namespace app
