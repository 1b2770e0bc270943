// The seed's ConnectionAuthGuard (REQ-1-029): only participants see a conversation, only first-degree connections write
// to it. Any executor's thread.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/task_group.hpp"
#include "messaging/connections_client.hpp"
#include "messaging/decision_cache.hpp"
#include "messaging/notifier.hpp"
#include "messaging/repositories.hpp"

namespace messaging {

// On whose behalf something is done.
struct Caller {
  UserId user;
  BearerToken token;
  DeviceId device;
};

class ConnectionAuthGuard {
 public:
  ConnectionAuthGuard(const base::Clock& clock, IConversationRepository& conversations, ConnectionsClient& connections,
                      Notifier& notifier);

  // The conversation, for a participant; conversation_not_found for everybody else, indistinguishably.
  Task<Result<ConversationHeader>> require_participant(UserId user, ConversationId conversation);

  // not_connected or authz_unavailable where the pair may not write now. Asks once per pair at a time; a decision that
  // differs from the stored canSend of the pair's conversation changes it and publishes conversationUpdated.
  Task<Result<void>> require_connection(Caller caller, UserId peer);

  // For typing: the cached decision alone. Where there is none, nothing, and one is fetched in the background.
  [[nodiscard]] std::optional<bool> cached_decision(const Caller& caller, const UserId& peer);

  // Someone else learnt that a pair's answer changed.
  void apply_change(const UserPair& pair, bool connected);

  // Resumes `done` when no background work is left. Called once, after the last request.
  void stop(base::Job done);

 private:
  Task<Result<bool>> decide(Caller caller, UserPair pair);
  Task<> refresh(Caller caller, UserPair pair);
  Task<> store_decision(UserPair pair, bool connected);

  const base::Clock& clock_;
  IConversationRepository& conversations_;
  ConnectionsClient& connections_;
  Notifier& notifier_;
  DecisionCache decisions_;
  // Headers of conversations, by id. A minute old at most: others than this service may add a participant.
  struct CachedHeader {
    ConversationHeader header;
    base::SteadyTime read_at;
  };
  std::mutex headers_mutex_;
  base::BoundedMap<ConversationId, CachedHeader> headers_;
  // Pairs that are being asked about now, and who else waits for the answer.
  struct Waiter {
    base::Executor* executor;
    base::Completion<Result<bool>> done;
  };
  std::mutex asking_mutex_;
  std::unordered_map<UserPair, std::vector<Waiter>> asking_;
  base::TaskGroup background_;
};

}  // namespace messaging
