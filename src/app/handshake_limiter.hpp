// New sessions per client address: a token bucket each, so that one address cannot take the node's handshakes. Any
// thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "net/http.hpp"

namespace app {

class HandshakeLimiter {
 public:
  // A reconnect storm of one address (an office behind NAT after a deploy) may use this many seconds' worth at once.
  static constexpr double burst_seconds = 4;
  // Addresses that are remembered; beyond, the least recently seen starts afresh.
  static constexpr std::size_t addresses_max = 65'536;

  HandshakeLimiter(const base::Clock& clock, std::size_t per_second)
      : clock_(clock), per_second_(static_cast<double>(per_second)), buckets_(addresses_max) {}

  // Null: go on. Else 429 with Retry-After.
  [[nodiscard]] std::unique_ptr<net::Response> check(const std::string& address);

 private:
  struct Bucket {
    double tokens;
    base::SteadyTime filled_at;
  };

  const base::Clock& clock_;
  double per_second_;
  std::mutex mutex_;
  base::BoundedMap<std::string, Bucket> buckets_;
};

}  // namespace app
