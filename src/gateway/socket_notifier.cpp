#include "gateway/socket_notifier.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>

#include "base/metrics.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using messaging::Position;
using messaging::UserId;

}  // namespace

SocketNotifier::SocketNotifier(const base::Clock& clock, std::vector<base::Executor*> executors,
                               messaging::IFeedRepository& feeds, const messaging::OpaqueTokens& tokens,
                               socketio::Adapter& adapter)
    : clock_(clock),
      tokens_(tokens),
      adapter_(adapter),
      executors_(std::move(executors)),
      locals_(executors_.size()),
      relay_(clock, *executors_.front(), adapter, tokens, *this) {
  assert(!executors_.empty() && executors_.size() <= HomeFeeds::threads_max);
  for (auto* executor : executors_) {
    homes_.push_back(
        std::make_unique<HomeFeeds>(clock, *executor, feeds, adapter, tasks_,
                                    [this](const UserId& user, HomeFeeds::ThreadSet threads, UserSequencer::Item item) {
                                      deliver(user, threads, std::move(item));
                                    }));
  }
}

SocketNotifier::~SocketNotifier() = default;

template <class F>
void SocketNotifier::run_on(std::size_t thread, F job) {
  if (executors_[thread]->is_current()) {
    job();
  } else {
    executors_[thread]->post(std::move(job));
  }
}

// Everything that happens to a user in this process passes here once, with its position: what goes to the other nodes
// leaves from here, also where no device of the user is connected to this one.
void SocketNotifier::publish(const UserId& user, Position position, std::shared_ptr<const messaging::Event> event,
                             const messaging::DeviceId& except, const base::TraceContext& trace) {
  UserSequencer::Item item{
      .position = position, .event = std::move(event), .packet = {}, .known_at = clock_.steady_now(), .except = except};
  if (adapter_.has_cluster()) {
    base::metrics::add(base::metrics::Counter::events_published);
    const auto json = event_json(*item.event, tokens_.offset(user, position));
    socketio::BroadcastOptions to{.rooms = {user_room(user)}, .except = {}, .is_volatile = false};
    if (!except.empty()) to.except.push_back(except);
    adapter_.publish(json, to, trace.to_traceparent());
    item.packet = event_packet(json);
  }
  offer(user, std::move(item));
}

void SocketNotifier::suspect_loss() {
  relay_.suspect_loss();
  if (!adapter_.has_cluster()) return;
  // A database that hangs fails many writes at once. The other nodes look again 2 s later in any case.
  constexpr base::milliseconds pause{1'000};
  const auto now = clock_.steady_now().time_since_epoch().count();
  auto last = loss_announced_at_.load();
  if (last != 0 && now - last < std::chrono::nanoseconds(pause).count()) return;
  if (loss_announced_at_.compare_exchange_strong(last, now)) adapter_.announce_loss();
}

void SocketNotifier::offer(const UserId& user, UserSequencer::Item item) {
  const std::size_t home = home_of(user);
  run_on(home, [this, home, user, item = std::move(item)]() mutable { homes_[home]->publish(user, std::move(item)); });
}

void SocketNotifier::typing(const UserId& to, const messaging::ConversationId& conversation, const UserId& typist,
                            bool is_typing) {
  base::metrics::add(base::metrics::Counter::typing_relayed);
  const auto json = typing_json(conversation, typist, is_typing);
  socketio::BroadcastOptions options{.rooms = {user_room(to)}, .except = {}, .is_volatile = true};
  adapter_.publish(json, options, {});
  adapter_.broadcast_here(event_packet(json), std::move(options));
}

base::Task<base::Result<Position>> SocketNotifier::subscribe(UserId user, LiveFeedListener& listener) {
  using Outcome = base::Result<Position>;
  const std::size_t thread = current_thread();
  const std::size_t home = home_of(user);
  // Before the home thread knows: so the listener misses nothing of what follows the answer.
  locals_[thread].add(user, listener);
  auto outcome = co_await base::async<Outcome>([this, thread, home, &user](base::Completion<Outcome> done) {
    auto answer = [this, thread, done = std::move(done)](Outcome told_up_to) mutable {
      run_on(thread,
             [done = std::move(done), told_up_to = std::move(told_up_to)]() mutable { done(std::move(told_up_to)); });
    };
    run_on(home, [this, thread, home, user, answer = std::move(answer)]() mutable {
      homes_[home]->attach(user, thread, std::move(answer));
    });
  });
  co_return outcome;
}

void SocketNotifier::unsubscribe(const UserId& user, LiveFeedListener& listener) {
  const std::size_t thread = current_thread();
  if (!locals_[thread].remove(user, listener)) return;
  const std::size_t home = home_of(user);
  run_on(home, [this, thread, home, user] { homes_[home]->detach(user, thread); });
}

void SocketNotifier::announce(const engineio::OutboundMessage& packet) {
  for (std::size_t thread = 0; thread < executors_.size(); ++thread) {
    executors_[thread]->post([this, thread, packet] { locals_[thread].announce(packet); });
  }
}

// Tells one caller when all homes have answered.
struct SocketNotifier::Comparison {
  Comparison(std::size_t homes, base::Executor& executor, HeadComparison::Done then)
      : missing(homes), caller(executor), done(std::move(then)) {}

  std::atomic<std::size_t> missing;
  std::atomic<bool> succeeded{true};
  base::Executor& caller;
  HeadComparison::Done done;

  void answer(bool home_succeeded) {
    if (!home_succeeded) succeeded.store(false);
    if (missing.fetch_sub(1) != 1) return;
    caller.post([done = std::move(done), all = succeeded.load()]() mutable { done(all); });
  }
};

void SocketNotifier::compare_heads(std::optional<UserId> user, HeadComparison::Done done) {
  const auto first = user ? home_of(*user) : 0;
  const auto last = user ? first + 1 : homes_.size();
  const auto comparison = std::make_shared<Comparison>(last - first, base::Executor::current(), std::move(done));
  for (auto home = first; home < last; ++home) {
    run_on(home, [this, home, user, comparison] {
      homes_[home]->compare_heads(user, [comparison](bool succeeded) { comparison->answer(succeeded); });
    });
  }
}

void SocketNotifier::stop(base::Job done) {
  executors_.front()->post([this, done = std::move(done)]() mutable {
    relay_.stop();
    tasks_.on_idle(std::move(done));
  });
}

std::size_t SocketNotifier::home_of(const UserId& user) const noexcept {
  return std::hash<UserId>{}(user) % executors_.size();
}

std::size_t SocketNotifier::current_thread() const noexcept {
  const auto found = std::ranges::find(executors_, base::Executor::current_or_null());
  assert(found != executors_.end() && "only I/O threads have sockets");
  return static_cast<std::size_t>(found - executors_.begin());
}

void SocketNotifier::deliver(const UserId& user, HomeFeeds::ThreadSet threads, UserSequencer::Item item) {
  auto event = std::make_shared<LiveEvent>();
  event->user = user;
  event->position = item.position;
  event->known_at = item.known_at;
  const bool is_written = item.packet.frame().size() != 0;
  event->packet =
      is_written ? std::move(item.packet) : event_packet(event_json(*item.event, tokens_.offset(user, item.position)));
  event->except = std::move(item.except);
  const std::shared_ptr<const LiveEvent> shared = std::move(event);
  for (; threads != 0; threads &= threads - 1) {
    const auto thread = static_cast<std::size_t>(std::countr_zero(threads));
    run_on(thread, [this, thread, shared] {
      locals_[thread].deliver(shared);
      if (shared->known_at == base::SteadyTime()) return;
      const std::chrono::duration<double> taken = clock_.steady_now() - shared->known_at;
      base::metrics::observe(base::metrics::Histogram::delivery_seconds, taken.count());
    });
  }
}

}  // namespace gateway
