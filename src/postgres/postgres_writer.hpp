// One of the node's group-commit writers. Operations queue up; while a batch is on its way to the server and back the
// next one gathers, so a batch is one operation when little happens and hundreds under load: one round trip and one
// fsync for all of them. Its batches are sent on one I/O thread; several writers, and several nodes, work on the same
// tables at the same time. Lives as long as the database is open.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "postgres/link.hpp"
#include "postgres/write_batch.hpp"

namespace postgres {

class PostgresWriter final : public std::enable_shared_from_this<PostgresWriter>, private Link::Owner {
 public:
  struct Limits {
    std::size_t batch_rows_max = 1'000;
    std::size_t queue_max = 20'000;
    base::milliseconds operation_time_max{10'000};
  };

  PostgresWriter(net::IoThread& thread, Connector& connector, Limits limits);
  ~PostgresWriter() override;
  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;

  // Begins to connect as soon as the thread runs.
  void start();

  // Carries the request out in a batch and returns what came of it when that batch is durable. Called on an executor's
  // thread. Failures of its own: overloaded, server_draining, storage_unavailable.
  base::Task<base::Result<WriteOutcome>> write(WriteRequest request);

  // Why it cannot commit now; empty: it can. Any thread.
  [[nodiscard]] std::string trouble() const { return link_->trouble(); }

  // Refuses what comes from now on, commits what is queued, closes the connection. Blocks until then; not on an
  // executor. A second call does nothing.
  void stop();

 private:
  enum class State { made, running, draining, stopped };

  void submit(std::unique_ptr<PendingWrite> operation);
  void post(void (PostgresWriter::*job)());

  // On the thread.
  void on_start();
  void on_link_up() override;
  void pump();
  [[nodiscard]] WriteBatch next_batch();
  [[nodiscard]] WriteBatch gather();
  void send(WriteBatch batch);
  void on_answer(Answers answers, base::SteadyTime sent_at);
  void on_committed(const std::vector<BinaryRows>& answers);
  void on_failed(const Failure& failure);
  void arm_alarm();
  void on_alarm();
  void fail_due_by(base::SteadyTime time);
  [[nodiscard]] Operations<PendingWrite> take_expired(base::SteadyTime now);
  [[nodiscard]] std::optional<base::SteadyTime> next_due();
  void finish_if_drained();

  net::IoThread& thread_;
  const Limits limits_;
  const std::shared_ptr<Link> link_;
  // What is on its way to the server; empty: nothing is.
  WriteBatch in_flight_;
  // What goes before the queue: batches that are to be tried again, and halves of refused ones.
  std::deque<WriteBatch> again_;
  base::TimerId alarm_ = 0;

  std::mutex mutex_;
  std::condition_variable has_stopped_;
  State state_ = State::made;
  std::deque<std::unique_ptr<PendingWrite>> queue_;
  // The thread has been woken, or will look at the queue by itself.
  bool is_awake_ = false;
};

}  // namespace postgres
