#include "app/io_threads.hpp"

#include <pthread.h>

#include <string>

namespace app {

IoThreads::IoThreads(const base::Clock& clock, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<net::IoThread>(clock, i));
}

IoThreads::~IoThreads() {
  stop();
}

void IoThreads::start() {
  for (auto& loop : loops_) {
    threads_.emplace_back([raw = loop.get()] {
      ::pthread_setname_np(::pthread_self(), ("io-" + std::to_string(raw->index())).c_str());
      raw->run();
    });
  }
}

void IoThreads::stop() {
  // By a posted job: what was posted before still runs, the last words of sessions among it.
  if (!threads_.empty()) {
    for (auto& loop : loops_) loop->post([raw = loop.get()] { raw->stop(); });
  }
  threads_.clear();
}

std::vector<net::IoThread*> IoThreads::all() const {
  std::vector<net::IoThread*> out;
  for (const auto& loop : loops_) out.push_back(loop.get());
  return out;
}

std::vector<base::Executor*> IoThreads::executors() const {
  std::vector<base::Executor*> out;
  for (const auto& loop : loops_) out.push_back(loop.get());
  return out;
}

}  // namespace app
