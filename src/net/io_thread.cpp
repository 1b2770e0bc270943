// States: made -> running (run) -> stopped (stop) -> destroyed. Work may be posted in each of them; it runs in
// `running` only.
#include "net/io_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "net/timer_wheel.hpp"

namespace net {
namespace {

namespace asio = boost::asio;

// simdjson reads up to 64 bytes behind what it parses.
constexpr std::size_t padding_bytes = 64;
// Due timers run in one turn; after so many, sockets get their chance first.
constexpr int timers_per_turn = 256;
constexpr auto never = base::SteadyTime::max();

}  // namespace

struct IoThread::Loop {
  explicit Loop(const base::Clock& the_clock) : clock(the_clock), read_buffer(read_buffer_bytes + padding_bytes) {
    context.emplace(1);
    keep_running.emplace(context->get_executor());
    alarm.emplace(*context);
  }

  void arm(base::SteadyTime now);
  void on_alarm();
  void run_due_timers();
  void run_end_of_turn();

  const base::Clock& clock;
  TimerWheel wheel;
  std::vector<char> read_buffer;
  std::vector<base::Job> end_of_turn;
  // Optional, because the end has an order of its own: ~IoThread().
  std::optional<asio::io_context> context;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> keep_running;
  std::optional<asio::steady_timer> alarm;
  base::SteadyTime alarm_at = never;
};

// One alarm for the whole wheel, set for the next slot that holds anything. A cancelled timer leaves it as it is:
// waking once for nothing costs less than a system call for each cancellation.
void IoThread::Loop::arm(base::SteadyTime now) {
  const auto next = wheel.next_wake();
  if (!next || *next >= alarm_at) return;
  alarm_at = *next;
  alarm->expires_after(*next - now);
  alarm->async_wait([this](boost::system::error_code failure) {
    if (!failure) on_alarm();
  });
}

void IoThread::Loop::on_alarm() {
  alarm_at = never;
  wheel.advance(clock.steady_now());
  run_due_timers();
}

void IoThread::Loop::run_due_timers() {
  for (int i = 0; i < timers_per_turn && wheel.has_due(); ++i) wheel.take_due()();
  if (wheel.has_due()) {
    asio::post(*context, [this] { run_due_timers(); });
  } else {
    arm(clock.steady_now());
  }
}

void IoThread::Loop::run_end_of_turn() {
  // What these jobs ask for themselves belongs to the next turn's end.
  auto jobs = std::exchange(end_of_turn, {});
  for (auto& job : jobs) job();
  jobs.clear();
  // The memory is kept for the next turn.
  if (end_of_turn.empty()) end_of_turn.swap(jobs);
}

IoThread::IoThread(const base::Clock& clock, std::size_t index) : loop_(std::make_unique<Loop>(clock)), index_(index) {}

// Work that is left owns connections, whose destructors cancel timers and close sockets: the wheel is emptied while the
// sockets can still be closed, and is itself still there when the io_context destroys its handlers.
IoThread::~IoThread() {
  const Scope scope(*this);
  loop_->wheel.clear();
  std::exchange(loop_->end_of_turn, {}).clear();
  loop_->alarm.reset();
  loop_->keep_running.reset();
  loop_->context.reset();
}

void IoThread::run() {
  // Once around everything: socket handlers run as this executor's jobs, too.
  const Scope scope(*this);
  loop_->context->run();
}

void IoThread::stop() {
  loop_->context->stop();
}

void IoThread::post(base::Job job) {
  asio::post(*loop_->context, [job = std::move(job)]() mutable { job(); });
}

base::TimerId IoThread::schedule(base::milliseconds after, base::Job job) {
  const auto now = loop_->clock.steady_now();
  const auto due = now + after;
  const auto id = loop_->wheel.add(now, due, std::move(job));
  if (due < loop_->alarm_at) loop_->arm(now);
  return id;
}

void IoThread::cancel(base::TimerId id) {
  loop_->wheel.cancel(id);
}

void IoThread::at_end_of_turn(base::Job job) {
  loop_->end_of_turn.push_back(std::move(job));
  // Queued behind the handlers that are ready now.
  if (loop_->end_of_turn.size() == 1) asio::post(*loop_->context, [loop = loop_.get()] { loop->run_end_of_turn(); });
}

const base::Clock& IoThread::clock() const noexcept {
  return loop_->clock;
}

asio::io_context& IoThread::context() noexcept {
  return *loop_->context;
}

std::span<char> IoThread::read_buffer() noexcept {
  return {loop_->read_buffer.data(), read_buffer_bytes};
}

}  // namespace net
