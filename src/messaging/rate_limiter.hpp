// Token buckets per user: what one account may do in a time. Any thread.
#pragma once

#include <mutex>
#include <optional>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace messaging {

class RateLimiter {
 public:
  // Both above zero; a burst below one would never pass anything.
  struct Limit {
    double burst;       // requests at once
    double per_second;  // sustained
  };
  struct Limits {
    Limit sends{20, 10};
    Limit typing{10, 5};
    // Everything else: history, inbox, receipts, sync, opening.
    Limit requests{100, 50};
  };
  enum class Kind : std::uint8_t { send, typing, request };

  // Nothing: RATE_LIMITS=off.
  RateLimiter(const base::Clock& clock, std::optional<Limits> limits);

  // Takes one token; the time until there is one where there is none.
  [[nodiscard]] std::optional<base::milliseconds> try_take(const base::UserId& user, Kind kind);

 private:
  struct Bucket {
    double tokens;
    base::SteadyTime filled_at;
  };
  struct Buckets {
    Bucket by_kind[3];
  };
  [[nodiscard]] const Limit& limit_of(Kind kind) const noexcept;

  const base::Clock& clock_;
  std::optional<Limits> limits_;
  std::mutex mutex_;
  // A user who fell out of the map begins with full buckets: 100 000 users would have to take turns for that.
  base::BoundedMap<base::UserId, Buckets> users_;
};

}  // namespace messaging
