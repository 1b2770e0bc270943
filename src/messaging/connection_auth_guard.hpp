// The seed's ConnectionAuthGuard (REQ-1-029): only participants see a conversation, only first-degree connections write
// to it. Any executor's thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/task_group.hpp"
#include "messaging/connections_client.hpp"
#include "messaging/decision_cache.hpp"
#include "messaging/decision_store.hpp"
#include "messaging/header_cache.hpp"
#include "messaging/notifier.hpp"
#include "messaging/repositories.hpp"
#include "messaging/waiter.hpp"

namespace messaging {

// On whose behalf something is done.
struct Caller {
  UserId user;
  BearerToken token;
  DeviceId device;
  // The request that it is done for.
  base::TraceContext trace{};
};

class ConnectionAuthGuard {
 public:
  // Tasks that may wait for one answer of the Connections service; beyond that they are Errc::overloaded.
  static constexpr std::size_t waiters_max_per_pair = 256;

  // `background_executor` stores what threads without an executor learn (apply_change). `shared` is asked before the
  // Connections service is, and told what it said; nullptr: this node shares its decisions with no other.
  ConnectionAuthGuard(const base::Clock& clock, IConversationRepository& conversations, ConnectionsClient& connections,
                      Notifier& notifier, base::Executor& background_executor, DecisionStore* shared = nullptr);
  ~ConnectionAuthGuard();

  // The conversation, for a participant; conversation_not_found for everybody else, indistinguishably.
  Task<Result<ConversationHeader>> require_participant(UserId user, ConversationId conversation);

  // not_connected or authz_unavailable where the pair may not write now. Asks once per pair at a time. A fresh decision
  // that differs from the stored canSend of the pair's conversation has changed it, and published conversationUpdated,
  // when this returns.
  Task<Result<void>> require_connection(Caller caller, UserId peer);
  // The same where the conversation is known, which saves the search for it: canSend is compared also with a cached
  // decision, and changed in the background.
  Task<Result<void>> require_connection(Caller caller, ConversationHeader conversation);

  // For typing: the cached decision alone. Where there is none, nothing, and one is fetched in the background.
  [[nodiscard]] std::optional<bool> cached_decision(const Caller& caller, const UserId& peer);

  // Changes canSend in the background where the header says something else than the decision.
  void reconcile(const ConversationHeader& conversation, bool connected);

  // Someone else learnt that a pair's answer changed. Any thread.
  void apply_change(const UserPair& pair, bool connected);

  // Changes may have been missed until now: what was decided before is asked again. Any thread.
  void distrust_decisions();

  // Calls `done` when no background work is left. Called once, after the last request.
  void stop(base::Job done);

 private:
  // What a task that wants to ask hears: the answer of the one who asked, or nothing where it is its turn to ask.
  using Heard = std::optional<Result<bool>>;
  struct AskingUser {
    UserId user;
    Waiter<Heard> waiter;
  };
  class Turn;

  Task<Result<bool>> ask(Caller caller, UserPair pair);
  void wait_for_turn(const UserPair& pair, const UserId& asker, base::Completion<Heard> done);
  Task<std::optional<bool>> find_shared(UserPair pair);
  Result<bool> weigh(const UserPair& pair, SystemTime asked_at, Result<bool> told);
  void conclude(const UserPair& pair, const UserId& asker, const Result<bool>& result);

  Task<> fetch_decision(Caller caller, UserPair pair);
  Task<> store_decision_on(base::Executor& executor, UserPair pair, bool connected);
  Task<> store_decision(UserPair pair, bool connected);
  Task<> store_can_send(ConversationHeader conversation, bool connected);

  const base::Clock& clock_;
  IConversationRepository& conversations_;
  ConnectionsClient& connections_;
  Notifier& notifier_;
  base::Executor& background_executor_;
  DecisionStore* const shared_;
  DecisionCache decisions_;
  HeaderCache headers_;
  // Pairs that are being asked about now, and who else waits for the answer. As many as there are requests under way.
  std::mutex asking_mutex_;
  std::unordered_map<UserPair, std::vector<AskingUser>> asking_;
  std::atomic<bool> stopping_{false};
  base::TaskGroup background_;
};

}  // namespace messaging
