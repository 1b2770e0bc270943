// States:
//   made     → opening            start()
//   opening  → free               the connector has opened a connection; the owner is told
//   opening  → pausing            it could not
//   free     ⇄ busy               an exchange begins; it is answered
//   free     ⇄ busy               the link's own check, every 5 s; then the owner is told
//   free, busy → pausing          the connection is lost, or abandoned, or the server fails the check
//   pausing  → opening            after the pause
//   any      → stopped            stop()
#include "postgres/link.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "postgres/session.hpp"

namespace postgres {
namespace {

// Short at first: most losses are one connection's, or a server that restarts within a second. Doubled up to a bound
// that leaves an operation (10 s) several tries.
constexpr base::milliseconds first_pause{50};
constexpr base::milliseconds last_pause{2'000};
// A standby that was promoted elsewhere, a setting that was changed, a network that swallows everything: known before
// somebody's write meets it.
constexpr base::milliseconds check_interval{5'000};

}  // namespace

Link::Link(net::IoThread& thread, Connector& connector, Purpose purpose, std::span<const Statement> statements,
           Owner& owner)
    : thread_(thread),
      connector_(connector),
      purpose_(purpose),
      statements_(statements),
      owner_(owner),
      pause_(first_pause) {}

void Link::start() {
  if (state_ == State::made) open();
}

void Link::stop() {
  state_ = State::stopped;
  thread_.cancel(pause_timer_);
  thread_.cancel(check_timer_);
  connection_.reset();
}

void Link::exchange(const std::vector<Call>& calls, Transaction transaction, AnswerHandler done) {
  state_ = State::busy;
  connection_->exchange(calls, transaction, [this, done = std::move(done)](Answers answers) mutable {
    state_ = State::free;
    // The handler lives in the connection, which may go now.
    auto handler = std::move(done);
    if (!answers && answers.error().is_loss()) {
      on_lost(answers.error().detail);
    } else if (std::exchange(is_check_due_, false)) {
      // A link with much to do is free for no moment: before its owner's next exchange, who finds it busy.
      check();
    }
    handler(std::move(answers));
  });
}

void Link::abandon() {
  if (state_ == State::busy || state_ == State::free) on_lost("PostgreSQL did not answer in time");
}

std::string Link::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

void Link::set_trouble(std::string trouble) {
  const std::lock_guard lock(trouble_mutex_);
  trouble_ = std::move(trouble);
}

// --- the connection's life

void Link::open() {
  state_ = State::opening;
  connector_.open(purpose_, statements_, thread_, [weak = weak_from_this()](Connector::Opened opened) {
    if (const auto self = weak.lock()) self->on_opened(std::move(opened));
  });
}

void Link::on_opened(Connector::Opened opened) {
  if (state_ != State::opening) return;
  if (!opened) return on_lost(std::move(opened.error()));
  connection_.emplace(thread_, *std::move(opened), [this] { on_lost("the server has closed the connection"); });
  state_ = State::free;
  if (!trouble().empty()) base::log::info("postgres.connected", {{"thread", thread_.index()}});
  set_trouble({});
  pause_ = first_pause;
  schedule_check();
  owner_.on_link_up();
}

void Link::schedule_check() {
  check_timer_ = thread_.schedule(check_interval, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_check_timer();
  });
}

void Link::on_check_timer() {
  if (is_checking_) return on_lost("PostgreSQL did not answer in time");
  if (state_ == State::free) {
    check();
  } else {
    is_check_due_ = true;
  }
  schedule_check();
}

void Link::check() {
  is_checking_ = true;
  exchange({Call{faults_statement(purpose_).name, {}}}, Transaction::none,
           [this](Answers answers) { on_checked(answers); });
}

void Link::on_checked(const Answers& answers) {
  is_checking_ = false;
  // It was lost meanwhile.
  if (state_ != State::free) return;
  if (!answers) return on_lost(answers.error().detail);
  const BinaryRows& faults = answers->front();
  if (faults.size() != 0) return on_lost(std::string(faults[0].text(0)));
  owner_.on_link_up();
}

void Link::on_lost(std::string why) {
  connection_.reset();
  state_ = State::pausing;
  is_checking_ = is_check_due_ = false;
  thread_.cancel(std::exchange(check_timer_, 0));
  const auto pause = next_pause();
  base::log::warn("postgres.connection_lost",
                  {{"thread", thread_.index()}, {"why", why}, {"retry_in_ms", pause.count()}});
  set_trouble(std::move(why));
  pause_timer_ = thread_.schedule(pause, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ == State::pausing) self->open();
  });
}

// Between half of the pause and all of it, so that the nodes do not come back as one; the next one is twice as long.
base::milliseconds Link::next_pause() {
  const auto half = pause_ / 2;
  const auto jitter = static_cast<std::int64_t>(base::random_u64() % static_cast<std::uint64_t>(half.count() + 1));
  pause_ = std::min(pause_ * 2, last_pause);
  return half + base::milliseconds(jitter);
}

}  // namespace postgres
