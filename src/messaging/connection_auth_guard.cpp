// A pair in asking_: nobody asks (no entry) → one asks (an entry; later callers wait in it) → the answer is there (the
// entry goes, all are answered), or the service refused to tell the one who asked, and it is the turn of the pair's
// other user if he waits. Decisions: asked → cached → compared with canSend wherever a header of the conversation is at
// hand.
#include "messaging/connection_auth_guard.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::metrics::Counter;

void count(const Result<bool>& decided) {
  const bool denied = decided.has_value() ? !*decided : decided.error().code == Errc::not_connected;
  const bool allowed = decided.value_or(false);
  base::metrics::add(allowed ? Counter::guard_allowed : denied ? Counter::guard_denied : Counter::guard_unavailable);
}

void count_age(const base::Clock& clock, const Decision& decision) {
  base::metrics::add(Counter::decision_cache_hits);
  const std::chrono::duration<double> age = clock.system_now() - decision.decided_at;
  base::metrics::observe(base::metrics::Histogram::decision_age_seconds, age.count());
}

Result<void> verdict(const Result<bool>& decided) {
  count(decided);
  if (!decided && decided.error().code == Errc::unauthenticated) {
    // About the Connections service's view of the token: the client's session here is good.
    return base::fail(Errc::authz_unavailable, decided.error().detail);
  }
  if (!decided) return std::unexpected(decided.error());
  if (!*decided) return base::fail(Errc::not_connected);
  return {};
}

// Goes on as a job of the executor, from whatever thread.
struct ResumeOn {
  base::Executor& executor;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) const {
    executor.post([task] { task.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace

// The right to ask about a pair. Whatever way it ends, those who wait are answered.
class ConnectionAuthGuard::Turn {
 public:
  Turn(ConnectionAuthGuard& guard, const UserPair& pair, const UserId& asker)
      : guard_(guard), pair_(pair), asker_(asker) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { guard_.conclude(pair_, asker_, result); }

  Result<bool> result = base::fail(Errc::authz_unavailable, "asking ended without an answer");

 private:
  ConnectionAuthGuard& guard_;
  const UserPair& pair_;
  const UserId& asker_;
};

ConnectionAuthGuard::ConnectionAuthGuard(const base::Clock& clock, IConversationRepository& conversations,
                                         ConnectionsClient& connections, Notifier& notifier,
                                         base::Executor& background_executor, DecisionStore* shared)
    : clock_(clock),
      conversations_(conversations),
      connections_(connections),
      notifier_(notifier),
      background_executor_(background_executor),
      shared_(shared),
      decisions_(clock),
      headers_(clock) {}

ConnectionAuthGuard::~ConnectionAuthGuard() = default;

// --- participants

Task<Result<ConversationHeader>> ConnectionAuthGuard::require_participant(UserId user, ConversationId conversation) {
  if (auto cached = headers_.find_for(user, conversation)) co_return *std::move(cached);
  // A stranger is never answered from the cache: for him a conversation that others use takes the same read as one that
  // is not there, so that the time tells him nothing either.
  auto found = co_await conversations_.find_header(conversation);
  if (!found) co_return base::forward(found);
  if (!*found || !(*found)->participants.contains(user)) {
    base::metrics::add(Counter::guard_denied);
    co_return base::fail(Errc::conversation_not_found);
  }
  headers_.put(**found);
  co_return **std::move(found);
}

// --- connections

Task<Result<void>> ConnectionAuthGuard::require_connection(Caller caller, UserId peer) {
  const UserPair pair(caller.user, std::move(peer));
  if (const auto cached = decisions_.find(pair)) {
    count_age(clock_, *cached);
    co_return verdict(cached->connected);
  }
  const auto decided = co_await ask(std::move(caller), pair);
  if (decided) co_await store_decision(pair, *decided);
  co_return verdict(decided);
}

Task<Result<void>> ConnectionAuthGuard::require_connection(Caller caller, ConversationHeader conversation) {
  if (const auto cached = decisions_.find(conversation.participants)) {
    count_age(clock_, *cached);
    reconcile(conversation, cached->connected);
    co_return verdict(cached->connected);
  }
  const auto decided = co_await ask(std::move(caller), conversation.participants);
  if (decided) reconcile(conversation, *decided);
  co_return verdict(decided);
}

std::optional<bool> ConnectionAuthGuard::cached_decision(const Caller& caller, const UserId& peer) {
  UserPair pair(caller.user, peer);
  if (const auto cached = decisions_.find(pair)) {
    count_age(clock_, *cached);
    count(cached->connected);
    return cached->connected;
  }
  {
    const std::lock_guard lock(asking_mutex_);
    if (asking_.contains(pair)) return std::nullopt;
  }
  if (!stopping_.load()) background_.spawn(fetch_decision(caller, std::move(pair)));
  return std::nullopt;
}

void ConnectionAuthGuard::apply_change(const UserPair& pair, bool connected) {
  const Decision decision{.connected = connected, .decided_at = clock_.system_now()};
  decisions_.put(pair, decision);
  if (shared_ != nullptr) shared_->put(pair, decision);
  if (stopping_.load()) return;
  auto* current = base::Executor::current_or_null();
  background_.spawn(store_decision_on(current == nullptr ? background_executor_ : *current, pair, connected));
}

void ConnectionAuthGuard::distrust_decisions() {
  decisions_.distrust_older_than(clock_.system_now());
}

void ConnectionAuthGuard::stop(base::Job done) {
  stopping_.store(true);
  background_.on_idle(std::move(done));
}

// --- asking

Task<Result<bool>> ConnectionAuthGuard::ask(Caller caller, UserPair pair) {
  auto heard = co_await base::async<Heard>(
      [&](base::Completion<Heard> done) { wait_for_turn(pair, caller.user, std::move(done)); });
  if (heard) co_return *std::move(heard);

  Turn turn(*this, pair, caller.user);
  if (shared_ != nullptr) {
    if (const auto known = co_await find_shared(pair)) {
      turn.result = *known;
      co_return turn.result;
    }
  }
  const auto asked_at = clock_.system_now();
  auto told =
      co_await connections_.is_connected(caller.user, pair.peer_of(caller.user), std::move(caller.token), caller.trace);
  turn.result = weigh(pair, asked_at, std::move(told));
  co_return turn.result;
}

// What another node was told not long ago.
Task<std::optional<bool>> ConnectionAuthGuard::find_shared(UserPair pair) {
  const auto found = co_await shared_->find(pair);
  // Also one that is too old to decide by now is worth keeping, for a time when the service cannot be asked.
  if (found) decisions_.put(pair, *found);
  const auto fresh = decisions_.find(pair);
  if (!fresh) co_return std::nullopt;
  base::metrics::add(Counter::decision_store_hits);
  co_return fresh->connected;
}

void ConnectionAuthGuard::wait_for_turn(const UserPair& pair, const UserId& asker, base::Completion<Heard> done) {
  Heard at_once;
  {
    const std::lock_guard lock(asking_mutex_);
    const auto [entry, is_first] = asking_.try_emplace(pair);
    auto& waiting = entry->second;
    if (!is_first && waiting.size() < waiters_max_per_pair) {
      waiting.push_back({asker, Waiter<Heard>(std::move(done))});
      return;
    }
    if (!is_first) at_once = base::fail(Errc::overloaded, "too many wait for one decision");
  }
  done(std::move(at_once));
}

Result<bool> ConnectionAuthGuard::weigh(const UserPair& pair, SystemTime asked_at, Result<bool> told) {
  if (told) {
    const Decision decision{.connected = *told, .decided_at = asked_at};
    decisions_.put(pair, decision);
    if (shared_ != nullptr) shared_->put(pair, decision);
    base::metrics::add(Counter::decisions_asked);
    // Where a change was learnt while the question was on its way, the change is the answer.
    const auto latest = decisions_.find(pair);
    return latest ? latest->connected : *told;
  }
  if (told.error().code != Errc::authz_unavailable) return told;
  const auto kept = decisions_.find_while_away(pair);
  if (!kept) return told;
  base::metrics::add(Counter::decisions_kept);
  return kept->connected;
}

void ConnectionAuthGuard::conclude(const UserPair& pair, const UserId& asker, const Result<bool>& result) {
  // A refusal to tell is about the one who asked: the other user's token may be good.
  const bool about_asker_alone =
      !result && (result.error().code == Errc::not_connected || result.error().code == Errc::unauthenticated);
  std::vector<AskingUser> answered;
  std::optional<AskingUser> next;
  {
    const std::lock_guard lock(asking_mutex_);
    const auto entry = asking_.find(pair);
    std::vector<AskingUser> still_waiting;
    for (auto& each : entry->second) {
      const bool goes_on = about_asker_alone && each.user != asker;
      (goes_on ? still_waiting : answered).push_back(std::move(each));
    }
    if (still_waiting.empty()) {
      asking_.erase(entry);
    } else {
      next = std::move(still_waiting.back());
      still_waiting.pop_back();
      entry->second = std::move(still_waiting);
    }
  }
  for (auto& each : answered) each.waiter.answer(result);
  if (next) next->waiter.answer(std::nullopt);
}

// --- canSend

void ConnectionAuthGuard::reconcile(const ConversationHeader& conversation, bool connected) {
  if (conversation.can_send == connected || stopping_.load()) return;
  // Whoever changes the cached header changes the table; requests that come meanwhile see the new value and leave it
  // alone.
  if (!headers_.set_can_send(conversation.id, connected)) return;
  background_.spawn(store_can_send(conversation, connected));
}

Task<> ConnectionAuthGuard::fetch_decision(Caller caller, UserPair pair) {
  const auto decided = co_await ask(std::move(caller), pair);
  if (decided) co_await store_decision(std::move(pair), *decided);
}

Task<> ConnectionAuthGuard::store_decision_on(base::Executor& executor, UserPair pair, bool connected) {
  co_await ResumeOn{executor};
  co_await store_decision(std::move(pair), connected);
}

Task<> ConnectionAuthGuard::store_decision(UserPair pair, bool connected) {
  auto header = co_await conversations_.find_header_of_pair(std::move(pair));
  if (header && *header) co_await store_can_send(**std::move(header), connected);
}

Task<> ConnectionAuthGuard::store_can_send(ConversationHeader conversation, bool connected) {
  // Two changes in a row may overtake each other on their way here: the latest decision is what is stored.
  if (const auto latest = decisions_.find(conversation.participants)) connected = latest->connected;
  if (conversation.can_send == connected) {
    headers_.set_can_send(conversation.id, connected);
    co_return;
  }
  auto change = co_await conversations_.set_can_send(conversation.id, connected);
  if (!change) {
    // The next request reads the header, finds the difference again and tries again.
    headers_.forget(conversation.id);
    if (change.error().code == Errc::storage_unavailable) notifier_.suspect_loss();
    base::log::warn("guard.can_send_not_stored",
                    {{"conversation", conversation.id.to_string()}, {"code", base::to_string(change.error().code)}});
    co_return;
  }
  headers_.set_can_send(conversation.id, connected);
  if (!*change) co_return;
  auto& [views, positions] = **change;
  const auto& pair = conversation.participants;
  notifier_.publish(pair.low(), positions.low, std::make_shared<const Event>(ConversationUpdated{std::move(views[0])}),
                    {}, {});
  notifier_.publish(pair.high(), positions.high,
                    std::make_shared<const Event>(ConversationUpdated{std::move(views[1])}), {}, {});
}

}  // namespace messaging
