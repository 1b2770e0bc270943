#include "app/handshake_limiter.hpp"

#include <algorithm>

#include "base/metrics.hpp"

namespace app {

std::unique_ptr<net::Response> HandshakeLimiter::check(const std::string& address) {
  const double burst = per_second_ * burst_seconds;
  const auto now = clock_.steady_now();
  {
    const std::lock_guard lock(mutex_);
    auto* bucket = buckets_.find(address);
    if (!bucket) {
      buckets_.put(address, {burst - 1, now});
      return nullptr;
    }
    const std::chrono::duration<double> idle = now - bucket->filled_at;
    bucket->tokens = std::min(burst, bucket->tokens + idle.count() * per_second_);
    bucket->filled_at = now;
    if (bucket->tokens >= 1) {
      bucket->tokens -= 1;
      return nullptr;
    }
  }
  base::metrics::add(base::metrics::Counter::rate_limited);
  return std::make_unique<net::Response>(
      net::Response{.status = 429,
                    .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Retry-After", "1"}},
                    .body = "too many connections from this address; try again in a second\n"});
}

}  // namespace app
