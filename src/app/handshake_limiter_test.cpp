#include "app/handshake_limiter.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

using namespace std::chrono_literals;

int accepted(HandshakeLimiter& limiter, const std::string& address, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.check(address) == nullptr;
  return count;
}

TEST(HandshakeLimiter, OneAddressInABurst_GetsFourSecondsWorth) {
  base::ManualClock clock;
  HandshakeLimiter limiter(clock, 10);
  EXPECT_EQ(accepted(limiter, "192.0.2.1", 100), 40);
  EXPECT_EQ(accepted(limiter, "192.0.2.2", 100), 40);
}

TEST(HandshakeLimiter, AsTimePasses_TheBucketFillsAtItsRate) {
  base::ManualClock clock;
  HandshakeLimiter limiter(clock, 10);
  accepted(limiter, "192.0.2.1", 100);
  clock.advance(500ms);
  EXPECT_EQ(accepted(limiter, "192.0.2.1", 100), 5);
  clock.advance(1h);
  EXPECT_EQ(accepted(limiter, "192.0.2.1", 100), 40);
}

TEST(HandshakeLimiter, ARefusal_SaysWhenToComeBack) {
  base::ManualClock clock;
  HandshakeLimiter limiter(clock, 1);
  accepted(limiter, "192.0.2.1", 4);
  const auto response = limiter.check("192.0.2.1");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 429u);
  EXPECT_EQ(response->headers.back().name, "Retry-After");
}

}  // namespace
}  // namespace app
