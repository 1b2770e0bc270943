// An executor of one test thread: runs what is posted to it and blocks, without polling, until there is something.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/executor.hpp"
#include "base/task_group.hpp"

namespace contract {

class TestLoop final : public base::Executor {
 public:
  void post(base::Job job) override {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    // Under the lock: the loop may be gone as soon as the job has run.
    arrived_.notify_one();
  }
  // The repositories use no timers.
  [[nodiscard]] base::TimerId schedule(base::milliseconds /*after*/, base::Job /*job*/) override { std::abort(); }
  void cancel(base::TimerId /*id*/) override {}

  // Runs the tasks at the same time, on this thread; returns their results in the same order.
  template <class T>
  std::vector<T> await_all(std::vector<base::Task<T>> tasks) {
    std::vector<std::optional<T>> results(tasks.size());
    base::TaskGroup group;
    const Scope scope(*this);
    for (std::size_t i = 0; i < tasks.size(); ++i) group.spawn(store(std::move(tasks[i]), &results[i]));
    while (group.size() > 0) next_job()();
    std::vector<T> values;
    for (auto& result : results) values.push_back(*std::move(result));
    return values;
  }

  template <class T>
  T await(base::Task<T> task) {
    std::vector<base::Task<T>> tasks;
    tasks.push_back(std::move(task));
    return std::move(await_all(std::move(tasks)).front());
  }

 private:
  template <class T>
  static base::Task<> store(base::Task<T> task, std::optional<T>* result) {
    T value = co_await task;
    result->emplace(std::move(value));
  }

  base::Job next_job() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !jobs_.empty(); });
    base::Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<base::Job> jobs_;
};

}  // namespace contract
