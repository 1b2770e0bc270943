#include "messaging/rate_limiter.hpp"

#include <gtest/gtest.h>

#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::milliseconds;
using test::alice;
using test::bob;
using Kind = RateLimiter::Kind;

class RateLimiterTest : public testing::Test {
 protected:
  int take_all(const UserId& user, Kind kind) {
    int taken = 0;
    while (!limiter_.try_take(user, kind)) ++taken;
    return taken;
  }

  base::ManualClock clock_;
  RateLimiter limiter_{clock_, RateLimiter::Limits{}};
};

TEST_F(RateLimiterTest, a_new_user_has_a_full_burst_of_each_kind) {
  EXPECT_EQ(take_all(alice, Kind::send), 20);
  EXPECT_EQ(take_all(alice, Kind::typing), 10);
  EXPECT_EQ(take_all(alice, Kind::request), 100);
}

TEST_F(RateLimiterTest, the_time_that_is_told_is_exactly_enough) {
  take_all(alice, Kind::send);
  const auto wait = limiter_.try_take(alice, Kind::send);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, milliseconds(100));
  clock_.advance(*wait - milliseconds(1));
  EXPECT_EQ(limiter_.try_take(alice, Kind::send), milliseconds(1));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(limiter_.try_take(alice, Kind::send));
  EXPECT_TRUE(limiter_.try_take(alice, Kind::send));
}

TEST_F(RateLimiterTest, a_long_pause_fills_up_to_the_burst_and_not_beyond) {
  take_all(alice, Kind::send);
  clock_.advance(base::seconds(3600));
  EXPECT_EQ(take_all(alice, Kind::send), 20);
}

TEST_F(RateLimiterTest, the_sustained_rate_holds_over_a_minute_of_trying_each_millisecond) {
  take_all(alice, Kind::send);
  int taken = 0;
  for (int i = 0; i < 60'000; ++i) {
    clock_.advance(milliseconds(1));
    if (!limiter_.try_take(alice, Kind::send)) ++taken;
  }
  EXPECT_NEAR(taken, 600, 1);
}

TEST_F(RateLimiterTest, users_do_not_share_buckets) {
  take_all(alice, Kind::send);
  EXPECT_EQ(take_all(bob, Kind::send), 20);
}

TEST_F(RateLimiterTest, a_corrected_wall_clock_changes_nothing) {
  take_all(alice, Kind::send);
  clock_.shift_system_time(base::seconds(3600));
  EXPECT_TRUE(limiter_.try_take(alice, Kind::send));
}

TEST(RateLimiterOff, everything_passes) {
  base::ManualClock clock;
  RateLimiter limiter(clock, std::nullopt);
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(limiter.try_take(alice, Kind::send));
}

}  // namespace
}  // namespace messaging
