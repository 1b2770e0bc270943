// The port to decisions that all nodes share, behind each node's own DecisionCache. Implemented over Redis
// (`connection:<a>:<b>`). A convenience, never a condition: where it is away, the Connections service is asked.
#pragma once

#include <optional>

#include "messaging/decision_cache.hpp"
#include "messaging/repositories.hpp"

namespace messaging {

class DecisionStore {
 public:
  virtual ~DecisionStore() = default;

  // Nothing where there is none, or where it did not come within the implementation's deadline (50 ms). The age of what
  // it finds is the caller's to weigh. On an executor's thread; resumes there.
  virtual Task<std::optional<Decision>> find(UserPair pair) = 0;
  // Keeps the decision unless a younger one is there; returns at once and never fails. Any thread.
  virtual void put(const UserPair& pair, Decision decision) = 0;
};

}  // namespace messaging
