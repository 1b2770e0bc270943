// States: made → running → draining → stopped, made → stopped.
//   made      the thread does not run yet; operations are queued
//   running   operations are queued and committed
//   draining  stop() was called: new ones are refused, those in the queue are still committed, until their deadlines
//   stopped   nothing is queued or in flight, and the link is closed
// A batch: queue → in flight → answered
//   in flight → again    the connection was lost: it may have been committed, and is tried with the same ids; or others
//                        were in the way
//   in flight → again    as two halves, where the server refused a value, until that one's operation stands alone
#include "postgres/postgres_writer.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "postgres/statements.hpp"

namespace postgres {
namespace {

namespace metrics = base::metrics;
using base::Errc;

// Locks are taken in one order by all nodes, so that a deadlock needs somebody else's transaction in the same tables;
// several in a row are a sign of something that another attempt will not mend.
constexpr int conflicts_max = 5;

// How much longer than any operation stop() waits for a thread that does not answer.
constexpr base::seconds stop_reserve{2};

}  // namespace

PostgresWriter::PostgresWriter(net::IoThread& thread, Connector& connector, Limits limits)
    : thread_(thread),
      limits_(limits),
      link_(std::make_shared<Link>(thread, connector, Purpose::writing, writer_statements(),
                                   static_cast<Link::Owner&>(*this))) {}

PostgresWriter::~PostgresWriter() = default;

void PostgresWriter::start() {
  post(&PostgresWriter::on_start);
}

void PostgresWriter::stop() {
  std::unique_lock lock(mutex_);
  if (state_ == State::made) {
    state_ = State::stopped;
    WriteBatch never_sent{
        Operations<PendingWrite>(std::move_iterator(queue_.begin()), std::move_iterator(queue_.end()))};
    queue_.clear();
    never_sent.fail_all({.code = Errc::server_draining});
    complete_on_executors(never_sent.take_all());
  }
  if (state_ == State::stopped) return;
  if (state_ == State::running) {
    state_ = State::draining;
    post(&PostgresWriter::finish_if_drained);
  }
  const auto patience = limits_.operation_time_max + stop_reserve;
  if (!has_stopped_.wait_for(lock, patience, [this] { return state_ == State::stopped; })) {
    base::log::error("postgres.writer_did_not_stop", {{"thread", thread_.index()}});
  }
}

base::Task<base::Result<WriteOutcome>> PostgresWriter::write(WriteRequest request) {
  co_return co_await base::async<base::Result<WriteOutcome>>([&](base::Completion<base::Result<WriteOutcome>> done) {
    submit(std::make_unique<PendingWrite>(std::move(request), std::move(done)));
  });
}

void PostgresWriter::submit(std::unique_ptr<PendingWrite> operation) {
  operation->due = thread_.clock().steady_now() + limits_.operation_time_max;
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::draining || state_ == State::stopped) {
      operation->fail({.code = Errc::server_draining});
    } else if (queue_.size() >= limits_.queue_max) {
      operation->fail({.code = Errc::overloaded, .detail = "the writer's queue is full"});
    } else {
      queue_.push_back(std::move(operation));
      wakes = !std::exchange(is_awake_, true);
    }
  }
  if (wakes) post(&PostgresWriter::pump);
  if (operation) operation->complete();  // NOLINT(bugprone-use-after-move): it was not moved into the queue
}

void PostgresWriter::post(void (PostgresWriter::*job)()) {
  thread_.post([weak = weak_from_this(), job] {
    if (const auto self = weak.lock()) (self.get()->*job)();
  });
}

// --- the thread

void PostgresWriter::on_start() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::made) return;
    state_ = State::running;
  }
  link_->start();
}

void PostgresWriter::pump() {
  if (link_->is_free()) {
    // A batch whose first deadline passes costs the connection, and all of it waits for another one: what is sent must
    // have time to be answered. After a long stall that is what lets the queue come back to the present.
    fail_due_by(thread_.clock().steady_now() + limits_.operation_time_max / 4);
    if (WriteBatch batch = next_batch(); !batch.empty()) send(std::move(batch));
  }
  arm_alarm();
}

void PostgresWriter::on_link_up() {
  // Whoever waits in stop() may let go of the writer as soon as it has stopped.
  const auto self = shared_from_this();
  pump();
  finish_if_drained();
}

// What is to be done next; empty: nothing, and the next operation that comes will say so.
WriteBatch PostgresWriter::next_batch() {
  if (again_.empty()) return gather();
  WriteBatch batch = std::move(again_.front());
  again_.pop_front();
  return batch;
}

// What is queued, up to the batch's limits.
WriteBatch PostgresWriter::gather() {
  const std::lock_guard lock(mutex_);
  Operations<PendingWrite> operations;
  operations.reserve(std::min(queue_.size(), limits_.batch_rows_max));
  BatchGate gate;
  while (!queue_.empty() && operations.size() < limits_.batch_rows_max && gate.admits(queue_.front()->request)) {
    operations.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  is_awake_ = !operations.empty();
  return WriteBatch(std::move(operations));
}

void PostgresWriter::send(WriteBatch batch) {
  in_flight_ = std::move(batch);
  const auto sent_at = thread_.clock().steady_now();
  link_->exchange(in_flight_.calls(), Transaction::committed,
                  [this, sent_at](Answers answers) { on_answer(std::move(answers), sent_at); });
}

void PostgresWriter::on_answer(Answers answers, base::SteadyTime sent_at) {
  // Whoever waits in stop() may let go of the writer as soon as it has stopped.
  const auto self = shared_from_this();
  if (answers) {
    const std::chrono::duration<double> took = thread_.clock().steady_now() - sent_at;
    metrics::observe(metrics::Histogram::commit_seconds, took.count());
    on_committed(*answers);
  } else {
    on_failed(answers.error());
  }
  pump();
  finish_if_drained();
}

void PostgresWriter::on_committed(const std::vector<BinaryRows>& answers) {
  WriteBatch batch = std::exchange(in_flight_, {});
  metrics::observe(metrics::Histogram::batch_size, static_cast<double>(batch.size()));
  metrics::add(metrics::Counter::batches_committed);
  metrics::add(metrics::Counter::batch_rows, batch.size());
  try {
    batch.take(answers);
  } catch (const UnexpectedRow& unexpected) {
    base::log::error("storage.unexpected_answer", {{"what", unexpected.what()}});
    batch.fail_all(unavailable(unexpected.what()));
  }
  complete_on_executors(batch.take_all());
}

void PostgresWriter::on_failed(const Failure& failure) {
  WriteBatch batch = std::exchange(in_flight_, {});
  metrics::add(metrics::Counter::commit_failures);
  base::log::error("storage.batch_failed",
                   {{"sqlstate", failure.sqlstate}, {"what", failure.detail}, {"rows", batch.size()}});
  if (failure.is_loss()) {
    batch.is_in_doubt = true;
    again_.push_front(std::move(batch));
  } else if (failure.is_conflict() && batch.conflicts < conflicts_max) {
    ++batch.conflicts;
    again_.push_front(std::move(batch));
  } else if ((failure.is_refusal() || failure.is_timeout()) && batch.size() > 1) {
    again_.push_front(batch.split_half());
    again_.push_front(std::move(batch));
  } else {
    batch.fail_all(unavailable(failure.detail));
    complete_on_executors(batch.take_all());
  }
}

// --- deadlines

// One timer for everything that waits, set once and then again when it fires: most operations are done long before.
void PostgresWriter::arm_alarm() {
  if (alarm_ != 0) return;
  const auto due = next_due();
  if (!due) return;
  const auto wait = std::chrono::ceil<base::milliseconds>(*due - thread_.clock().steady_now());
  alarm_ = thread_.schedule(std::max(wait, base::milliseconds(1)), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
}

std::optional<base::SteadyTime> PostgresWriter::next_due() {
  std::optional<base::SteadyTime> due;
  const auto consider = [&due](base::SteadyTime other) { due = due ? std::min(*due, other) : other; };
  if (!in_flight_.empty()) consider(in_flight_.due());
  for (const auto& batch : again_) consider(batch.due());
  const std::lock_guard lock(mutex_);
  if (!queue_.empty()) consider(queue_.front()->due);
  return due;
}

void PostgresWriter::on_alarm() {
  alarm_ = 0;
  fail_due_by(thread_.clock().steady_now());
  pump();
  finish_if_drained();
}

void PostgresWriter::fail_due_by(base::SteadyTime time) {
  auto expired = take_expired(time);
  if (expired.empty()) return;
  for (const auto& operation : expired) operation->fail(unavailable("PostgreSQL did not answer in time"));
  complete_on_executors(std::move(expired));
}

Operations<PendingWrite> PostgresWriter::take_expired(base::SteadyTime now) {
  Operations<PendingWrite> expired;
  const auto take_from = [&](WriteBatch& batch) {
    for (auto& operation : batch.take_expired(now)) expired.push_back(std::move(operation));
  };
  if (!in_flight_.empty() && in_flight_.due() <= now) {
    // The connection hangs: the rest of its batch has a better chance on another one.
    link_->abandon();
    WriteBatch batch = std::exchange(in_flight_, {});
    batch.is_in_doubt = true;
    again_.push_front(std::move(batch));
  }
  for (auto& batch : again_) take_from(batch);
  std::erase_if(again_, [](const WriteBatch& batch) { return batch.empty(); });
  const std::lock_guard lock(mutex_);
  while (!queue_.empty() && queue_.front()->due <= now) {
    expired.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  // Nobody waits for the thread where there is nothing left to look at: the next operation must wake it.
  is_awake_ = !queue_.empty() || !again_.empty();
  return expired;
}

// --- the end

void PostgresWriter::finish_if_drained() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::draining || !queue_.empty() || !again_.empty() || !in_flight_.empty()) return;
  link_->stop();
  thread_.cancel(alarm_);
  state_ = State::stopped;
  has_stopped_.notify_all();
}

}  // namespace postgres
