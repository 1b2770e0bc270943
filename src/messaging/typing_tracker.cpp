// An entry: (none) → typing, when `true` comes: a timer is set
//   typing → typing, when `true` comes again: only `until` moves; a timer that fires too early is set again for the
//   rest typing → ended, on `false`, a stored message or a disconnect: the peer is told, the timer goes on typing →
//   (none), when the timer fires at `until`: the peer is told ended → typing, when `true` comes before the timer fires
//   ended → (none), when the timer fires
// So a timer is touched on its own executor alone, and what other threads do needs no message to that executor.
// The peer is told outside the lock: a `false` may be overtaken by a `true` of the same moment, which the client
// repeats.
#include "messaging/typing_tracker.hpp"

#include <algorithm>
#include <atomic>

#include "base/metrics.hpp"

namespace messaging {

void TypingTracker::typed(const UserId& typist, const ConversationId& conversation, const UserId& peer,
                          bool is_typing) {
  if (is_typing) {
    if (!keep_up(typist, conversation, peer)) return;
  } else {
    UserId told;
    (void)end(typist, conversation, told);
  }
  relay(typist, conversation, peer, is_typing);
}

void TypingTracker::message_stored(const UserId& typist, const ConversationId& conversation) {
  UserId peer;
  if (end(typist, conversation, peer)) relay(typist, conversation, peer, false);
}

void TypingTracker::user_disconnected(const UserId& typist) {
  std::vector<std::pair<ConversationId, UserId>> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = typists_.find(typist);
    if (found == typists_.end()) return;
    for (auto& entry : found->second) {
      if (entry.is_typing) ended.emplace_back(entry.conversation, entry.peer);
      entry.is_typing = false;
    }
  }
  for (const auto& [conversation, peer] : ended) relay(typist, conversation, peer, false);
}

// False where there is no room for it.
bool TypingTracker::keep_up(const UserId& typist, const ConversationId& conversation, const UserId& peer) {
  const auto until = clock_.steady_now() + timeout;
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  if (auto* entry = find(typist, conversation)) {
    entry->is_typing = true;
    entry->until = until;
    return true;
  }
  if (entries_count_ == entries_max) return false;
  auto& entries = typists_[typist];
  if (entries.size() == entries_max_per_typist) return false;
  auto& executor = base::Executor::current();
  if (std::ranges::find(executors_, &executor) == executors_.end()) executors_.push_back(&executor);
  const auto timer = schedule(typist, conversation, timeout);
  entries.push_back({conversation, peer, true, until, &executor, timer});
  ++entries_count_;
  return true;
}

// True where the peer believes that the typist is typing; `peer` is who that is.
bool TypingTracker::end(const UserId& typist, const ConversationId& conversation, UserId& peer) {
  const std::lock_guard lock(mutex_);
  auto* entry = find(typist, conversation);
  if (entry == nullptr || !entry->is_typing) return false;
  entry->is_typing = false;
  peer = entry->peer;
  return true;
}

void TypingTracker::timer_fired(const UserId& typist, const ConversationId& conversation) {
  Entry ended;
  {
    const std::lock_guard lock(mutex_);
    auto* entry = find(typist, conversation);
    const auto left = entry->until - clock_.steady_now();
    if (entry->is_typing && left > left.zero()) {
      entry->timer = schedule(typist, conversation, std::chrono::ceil<base::milliseconds>(left));
      return;
    }
    ended = std::move(*entry);
    auto typing = typists_.find(typist);
    *entry = std::move(typing->second.back());
    typing->second.pop_back();
    if (typing->second.empty()) typists_.erase(typing);
    --entries_count_;
  }
  if (ended.is_typing) relay(typist, conversation, ended.peer, false);
}

// --- stopping

struct TypingTracker::Barrier {
  std::atomic<std::size_t> missing;
  base::Executor& home;
  base::Job done;

  void arrive() {
    if (missing.fetch_sub(1) == 1) home.post(std::move(done));
  }
};

void TypingTracker::stop(base::Job done) {
  std::vector<base::Executor*> executors;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    executors = executors_;
  }
  if (executors.empty()) return done();
  // A timer that is firing now on another thread has ended before that thread comes to this job.
  const auto barrier = std::make_shared<Barrier>(executors.size(), base::Executor::current(), std::move(done));
  for (auto* executor : executors) {
    executor->post([this, executor, barrier] {
      cancel_timers_of(*executor);
      barrier->arrive();
    });
  }
}

void TypingTracker::cancel_timers_of(base::Executor& executor) {
  const std::lock_guard lock(mutex_);
  for (auto& [typist, entries] : typists_) {
    entries_count_ -= std::erase_if(entries, [&](const Entry& entry) {
      if (entry.executor != &executor) return false;
      executor.cancel(entry.timer);
      return true;
    });
  }
}

// --- parts

base::TimerId TypingTracker::schedule(const UserId& typist, const ConversationId& conversation,
                                      base::milliseconds after) {
  return base::Executor::current().schedule(after, [this, typist, conversation] { timer_fired(typist, conversation); });
}

void TypingTracker::relay(const UserId& typist, const ConversationId& conversation, const UserId& peer,
                          bool is_typing) {
  base::metrics::add(base::metrics::Counter::typing_relayed);
  notifier_.typing(peer, conversation, typist, is_typing);
}

TypingTracker::Entry* TypingTracker::find(const UserId& typist, const ConversationId& conversation) {
  const auto typing = typists_.find(typist);
  if (typing == typists_.end()) return nullptr;
  const auto entry = std::ranges::find(typing->second, conversation, &Entry::conversation);
  return entry == typing->second.end() ? nullptr : &*entry;
}

}  // namespace messaging
