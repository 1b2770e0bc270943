#include "messaging/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace messaging {
namespace {

// Fractions of tokens are added up in floating point: whoever waited for as long as he was told must find a whole one.
constexpr double whole_token = 1.0 - 1e-6;

// A bucket is about 100 bytes with its key and its places in list and index: 10 MiB.
constexpr std::size_t users_max = 100'000;

}  // namespace

RateLimiter::RateLimiter(const base::Clock& clock, std::optional<Limits> limits)
    : clock_(clock), limits_(limits), users_(users_max) {}

const RateLimiter::Limit& RateLimiter::limit_of(Kind kind) const noexcept {
  switch (kind) {
    case Kind::send:
      return limits_->sends;
    case Kind::typing:
      return limits_->typing;
    case Kind::request:
      return limits_->requests;
  }
  return limits_->requests;
}

std::optional<base::milliseconds> RateLimiter::try_take(const base::UserId& user, Kind kind) {
  if (!limits_) return std::nullopt;
  const auto& limit = limit_of(kind);
  const auto now = clock_.steady_now();

  const std::lock_guard lock(mutex_);
  auto* buckets = users_.find(user);
  if (buckets == nullptr) {
    users_.put(user,
               Buckets{{{limits_->sends.burst, now}, {limits_->typing.burst, now}, {limits_->requests.burst, now}}});
    buckets = users_.find(user);
  }
  auto& bucket = buckets->by_kind[static_cast<std::size_t>(kind)];
  const std::chrono::duration<double> elapsed = now - bucket.filled_at;
  bucket.tokens = std::min(limit.burst, bucket.tokens + elapsed.count() * limit.per_second);
  bucket.filled_at = now;
  if (bucket.tokens >= whole_token) {
    bucket.tokens = std::max(0.0, bucket.tokens - 1.0);
    return std::nullopt;
  }
  const std::chrono::duration<double> missing((whole_token - bucket.tokens) / limit.per_second);
  return std::chrono::ceil<base::milliseconds>(missing);
}

}  // namespace messaging
