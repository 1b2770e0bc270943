// States of a reader: made → running → stopped, made → stopped; while it runs its link is down, free (idle) or busy.
//   idle     it has asked for an operation in vain; the next one that comes wakes it
//   busy     one operation is in flight; it is answered, or its connection is lost and it goes back into the queue
//   stopped  the pool stops, nothing is in flight, and nothing is queued that this reader could take
#include "postgres/reader_pool.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "postgres/statements.hpp"

namespace postgres {
namespace {

using base::Errc;

// Connections that one operation may outlive: it might be the reason why they are lost.
constexpr int attempts_max = 3;

// How much longer than any operation stop() waits for a thread that does not answer.
constexpr base::seconds stop_reserve{2};

void complete(std::unique_ptr<PendingRead> operation) {
  Operations<PendingRead> operations;
  operations.push_back(std::move(operation));
  complete_on_executors(std::move(operations));
}

}  // namespace

// --- one connection

class ReaderPool::Reader final : public std::enable_shared_from_this<Reader>, private Link::Owner {
 public:
  Reader(ReaderPool& pool, net::IoThread& thread, Connector& connector)
      : pool_(pool),
        thread_(thread),
        link_(std::make_shared<Link>(thread, connector, Purpose::reading, reader_statements(),
                                     static_cast<Link::Owner&>(*this))) {}

  // From any thread.
  void post(void (Reader::*job)()) {
    thread_.post([weak = weak_from_this(), job] {
      if (const auto self = weak.lock()) (self.get()->*job)();
    });
  }

  // On the thread.
  void on_start() {
    if (!pool_.note_started()) return;
    is_running_ = true;
    link_->start();
  }
  void on_wake() {
    if (!link_->is_free()) pool_.wake_another();
    work();
  }
  void on_stop() { work(); }
  void on_alarm_wanted() { set_alarm(pool_.limits_.operation_time_max); }
  // What was put back is due sooner.
  void on_put_back() {
    if (const auto again = pool_.fail_expired()) set_alarm(*again);
  }

 private:
  void on_link_up() override { work(); }
  void work();
  void send(std::unique_ptr<PendingRead> operation);
  void on_answer(Answers answers);
  void on_late();
  void set_alarm(base::milliseconds after);
  void finish();

  ReaderPool& pool_;
  net::IoThread& thread_;
  const std::shared_ptr<Link> link_;
  bool is_running_ = false;
  std::unique_ptr<PendingRead> in_flight_;
  base::TimerId late_ = 0;
};

void ReaderPool::Reader::work() {
  if (in_flight_ || !is_running_) return;
  if (link_->is_free()) {
    if (auto operation = pool_.next_for(*this)) return send(std::move(operation));
  }
  if (pool_.is_stopping()) finish();
}

void ReaderPool::Reader::send(std::unique_ptr<PendingRead> operation) {
  in_flight_ = std::move(operation);
  ++in_flight_->attempts;
  const auto left = std::chrono::ceil<base::milliseconds>(in_flight_->due - thread_.clock().steady_now());
  late_ = thread_.schedule(std::max(left, base::milliseconds(1)), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_late();
  });
  link_->exchange({in_flight_->call}, Transaction::none, [this](Answers answers) { on_answer(std::move(answers)); });
}

void ReaderPool::Reader::on_answer(Answers answers) {
  // Whoever waits in stop() may let go of the reader as soon as it has stopped.
  const auto self = shared_from_this();
  thread_.cancel(late_);
  auto operation = std::move(in_flight_);
  if (answers) {
    operation->take(std::move(answers->front()));
    complete(std::move(operation));
  } else if (answers.error().is_loss() && operation->attempts < attempts_max) {
    pool_.put_back(std::move(operation));
  } else {
    base::log::error("storage.read_failed", {{"sqlstate", answers.error().sqlstate}, {"what", answers.error().detail}});
    operation->fail(unavailable(std::move(answers.error().detail)));
    complete(std::move(operation));
  }
  work();
}

void ReaderPool::Reader::on_late() {
  if (!in_flight_) return;
  auto operation = std::move(in_flight_);
  link_->abandon();
  operation->fail(unavailable("PostgreSQL did not answer in time"));
  complete(std::move(operation));
  work();
}

void ReaderPool::Reader::set_alarm(base::milliseconds after) {
  static_cast<void>(thread_.schedule(after, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    if (const auto again = self->pool_.fail_expired()) self->set_alarm(*again);
  }));
}

void ReaderPool::Reader::finish() {
  is_running_ = false;
  link_->stop();
  pool_.note_stopped();
}

// --- the pool

ReaderPool::ReaderPool(const std::vector<net::IoThread*>& threads, Connector& connector, const base::Clock& clock,
                       Limits limits)
    : clock_(clock), limits_(limits) {
  for (int i = 0; i < limits.readers; ++i) {
    auto& thread = *threads[static_cast<std::size_t>(i) % threads.size()];
    readers_.push_back(std::make_shared<Reader>(*this, thread, connector));
  }
}

ReaderPool::~ReaderPool() = default;

void ReaderPool::start() {
  for (const auto& reader : readers_) reader->post(&Reader::on_start);
}

void ReaderPool::stop() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(is_stopping_, true)) {
    for (const auto& reader : readers_) reader->post(&Reader::on_stop);
  }
  const auto patience = limits_.operation_time_max + stop_reserve;
  if (!has_stopped_.wait_for(lock, patience, [this] { return running_ == 0; })) {
    base::log::error("postgres.readers_did_not_stop", {{"running", running_}});
  }
  // What no connection was there for.
  for (auto& operation : std::exchange(queue_, {})) {
    operation->fail({.code = Errc::server_draining});
    complete(std::move(operation));
  }
}

void ReaderPool::submit(std::unique_ptr<PendingRead> operation) {
  operation->due = clock_.steady_now() + limits_.operation_time_max;
  bool sets_alarm = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      operation->fail({.code = Errc::server_draining});
    } else if (queue_.size() >= limits_.queue_max) {
      operation->fail({.code = Errc::overloaded, .detail = "the readers' queue is full"});
    } else {
      queue_.push_back(std::move(operation));
      sets_alarm = !std::exchange(is_alarm_set_, true);
    }
  }
  if (operation) return operation->complete();  // NOLINT(bugprone-use-after-move): it was not moved into the queue
  wake_another();
  if (sets_alarm) readers_.front()->post(&Reader::on_alarm_wanted);
}

void ReaderPool::wake_another() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty() || idle_.empty()) return;
  Reader* reader = idle_.back();
  idle_.pop_back();
  reader->post(&Reader::on_wake);
}

// --- for the readers, on their threads

bool ReaderPool::note_started() {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) return false;
  ++running_;
  return true;
}

std::unique_ptr<PendingRead> ReaderPool::next_for(Reader& reader) {
  const std::lock_guard lock(mutex_);
  // What is sent must have time to be answered: one that comes too late costs the connection.
  fail_due_by_locked(clock_.steady_now() + limits_.operation_time_max / 4);
  if (queue_.empty()) {
    if (std::ranges::find(idle_, &reader) == idle_.end()) idle_.push_back(&reader);
    return nullptr;
  }
  auto operation = std::move(queue_.front());
  queue_.pop_front();
  return operation;
}

void ReaderPool::put_back(std::unique_ptr<PendingRead> operation) {
  bool sets_alarm = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_front(std::move(operation));
    sets_alarm = !std::exchange(is_alarm_set_, true);
  }
  wake_another();
  if (sets_alarm) readers_.front()->post(&Reader::on_put_back);
}

void ReaderPool::fail_due_by_locked(base::SteadyTime time) {
  while (!queue_.empty() && queue_.front()->due <= time) {
    queue_.front()->fail(unavailable("there was no connection to PostgreSQL in time"));
    complete(std::move(queue_.front()));
    queue_.pop_front();
  }
}

std::optional<base::milliseconds> ReaderPool::fail_expired() {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  fail_due_by_locked(now);
  is_alarm_set_ = !queue_.empty();
  if (!is_alarm_set_) return std::nullopt;
  return std::max(std::chrono::ceil<base::milliseconds>(queue_.front()->due - now), base::milliseconds(1));
}

bool ReaderPool::is_stopping() {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

void ReaderPool::note_stopped() {
  const std::lock_guard lock(mutex_);
  --running_;
  has_stopped_.notify_all();
}

}  // namespace postgres
