// Who is typing where, so that whoever was told of it is told of its end: after 6 s without a repeat, when the typist's
// last device disconnects, and when a message of the typist is stored. Called on executors' threads.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "messaging/notifier.hpp"

namespace messaging {

class TypingTracker {
 public:
  static constexpr base::seconds timeout{6};
  // About 6 MiB. Where there is no room, `true` is not relayed: nobody is told of a beginning whose end he might not
  // hear of.
  static constexpr std::size_t entries_max = 20'000;
  // A person types in one place; a script may try more.
  static constexpr std::size_t entries_max_per_typist = 64;

  TypingTracker(const base::Clock& clock, Notifier& notifier) : clock_(clock), notifier_(notifier) {}

  // Relays what the typist's client said; `true` again before the timeout keeps it up.
  void typed(const UserId& typist, const ConversationId& conversation, const UserId& peer, bool is_typing);

  // The message says more than the indicator did.
  void message_stored(const UserId& typist, const ConversationId& conversation);
  void user_disconnected(const UserId& typist);

  // Cancels all timers, each on its own executor, then calls `done` on this one.
  void stop(base::Job done);

 private:
  struct Entry {
    ConversationId conversation;
    UserId peer;
    // False once the end was told; the entry stays until its timer fires, so that each entry has exactly one timer.
    bool is_typing;
    base::SteadyTime until;
    // Whose timer it is: that of the thread on which typing began.
    base::Executor* executor;
    base::TimerId timer;
  };
  struct Barrier;

  bool keep_up(const UserId& typist, const ConversationId& conversation, const UserId& peer);
  bool end(const UserId& typist, const ConversationId& conversation, UserId& peer);
  void timer_fired(const UserId& typist, const ConversationId& conversation);
  base::TimerId schedule(const UserId& typist, const ConversationId& conversation, base::milliseconds after);
  void cancel_timers_of(base::Executor& executor);
  void relay(const UserId& typist, const ConversationId& conversation, const UserId& peer, bool is_typing);
  Entry* find(const UserId& typist, const ConversationId& conversation);

  const base::Clock& clock_;
  Notifier& notifier_;
  std::mutex mutex_;
  std::unordered_map<UserId, std::vector<Entry>> typists_;
  std::size_t entries_count_ = 0;
  // All that ever had a timer here: one for each thread.
  std::vector<base::Executor*> executors_;
  bool stopped_ = false;
};

}  // namespace messaging
