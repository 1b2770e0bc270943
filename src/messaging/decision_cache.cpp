#include "messaging/decision_cache.hpp"

namespace messaging {

std::optional<Decision> DecisionCache::find(const UserPair& pair) {
  return find_within(pair, positive_ttl, Trust::normal);
}

std::optional<Decision> DecisionCache::find_while_away(const UserPair& pair) {
  return find_within(pair, positive_ttl_while_away, Trust::any);
}

void DecisionCache::put(const UserPair& pair, Decision decision) {
  const std::lock_guard lock(mutex_);
  // An answer that was long on its way does not undo what was learnt after it was asked for.
  const auto* present = decisions_.find(pair);
  // Of two from the same millisecond the no stands.
  const auto is_younger = [](const Decision& one, const Decision& other) {
    return one.decided_at > other.decided_at ||
           (one.decided_at == other.decided_at && !one.connected && other.connected);
  };
  if (present != nullptr && is_younger(*present, decision) && present->decided_at <= clock_.system_now()) return;
  decisions_.put(pair, decision);
}

void DecisionCache::forget(const UserPair& pair) {
  const std::lock_guard lock(mutex_);
  decisions_.erase(pair);
}

void DecisionCache::distrust_older_than(SystemTime time) {
  const std::lock_guard lock(mutex_);
  trusted_since_ = time;
}

std::optional<Decision> DecisionCache::find_within(const UserPair& pair, base::seconds positive_ttl_now, Trust trust) {
  const auto now = clock_.system_now();
  const std::lock_guard lock(mutex_);
  const auto* decision = decisions_.find(pair);
  if (decision == nullptr) return std::nullopt;
  if (trust == Trust::normal && decision->decided_at < trusted_since_) return std::nullopt;
  const auto age = now - decision->decided_at;
  const auto ttl = decision->connected ? positive_ttl_now : negative_ttl;
  // A decision from the future (the wall clock was set back) has no age that could be trusted.
  if (age < age.zero() || age >= ttl) return std::nullopt;
  return *decision;
}

}  // namespace messaging
