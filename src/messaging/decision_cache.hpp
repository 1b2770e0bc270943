// What the Connections service said of a pair, and when. In process; what the nodes share stands behind
// it (decision_store.hpp). Any thread.
#pragma once

#include <mutex>
#include <optional>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "messaging/entities.hpp"

namespace messaging {

struct Decision {
  bool connected = false;
  // When the service was asked; the age counts from here through all levels.
  SystemTime decided_at;
};

class DecisionCache {
 public:
  // A positive decision lives 30 s (up to 120 s while the service is away), a negative one 5 s: the contract,
  // section 4.
  static constexpr base::seconds positive_ttl{30};
  static constexpr base::seconds positive_ttl_while_away{120};
  static constexpr base::seconds negative_ttl{5};
  // 64k pairs are about 10 MiB; the least recently used goes first.
  static constexpr std::size_t pairs_max = 65'536;

  explicit DecisionCache(const base::Clock& clock) : clock_(clock), decisions_(pairs_max) {}

  // A decision that has not outlived its time.
  [[nodiscard]] std::optional<Decision> find(const UserPair& pair);
  // As find(), but with the longer life of a positive decision while the service cannot be asked.
  [[nodiscard]] std::optional<Decision> find_while_away(const UserPair& pair);
  // Keeps the younger one where there is one already.
  void put(const UserPair& pair, Decision decision);
  void forget(const UserPair& pair);
  // Decisions of before serve only while the service is away, from now on.
  void distrust_older_than(SystemTime time);

 private:
  enum class Trust : std::uint8_t { normal, any };
  std::optional<Decision> find_within(const UserPair& pair, base::seconds positive_ttl_now, Trust trust);

  const base::Clock& clock_;
  std::mutex mutex_;
  base::BoundedMap<UserPair, Decision> decisions_;
  SystemTime trusted_since_{};
};

}  // namespace messaging
