// Decisions that all nodes share: `connection:<a>:<b>` with the value `1:<decidedAtMs>` or `0:<decidedAtMs>` (ids
// percent-encoded for `%` and `:`, `a` the smaller by bytes), kept for as long as a decision can be of use. Any thread.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "messaging/decision_store.hpp"
#include "redis/commands.hpp"

namespace redis {

class RedisDecisionCache final : public messaging::DecisionStore {
 public:
  static constexpr base::milliseconds find_time_max{50};

  RedisDecisionCache(const base::Clock& clock, Commands& redis) : clock_(clock), redis_(redis) {}

  messaging::Task<std::optional<messaging::Decision>> find(messaging::UserPair pair) override;
  void put(const messaging::UserPair& pair, messaging::Decision decision) override;

 private:
  const base::Clock& clock_;
  Commands& redis_;
};

// The key, for tests and documentation.
[[nodiscard]] std::string decision_key(const messaging::UserPair& pair);

}  // namespace redis
