#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(Iso8601, ALeapDay_IsWrittenWithMilliseconds) {
  EXPECT_EQ(to_iso8601(SystemTime(1'709'210'096'007ms)), "2024-02-29T12:34:56.007Z");
}

TEST(Iso8601, TheEpoch_HasAllItsZeros) {
  EXPECT_EQ(to_iso8601(SystemTime(0ms)), "1970-01-01T00:00:00.000Z");
}

TEST(ManualClock, AShiftOfTheWallClock_LeavesSteadyTimeAlone) {
  ManualClock clock;
  const auto before = clock.steady_now();
  clock.shift_system_time(-5s);
  EXPECT_EQ(clock.steady_now(), before);
}

TEST(Deadline, OnceItHasPassed_NothingRemains) {
  ManualClock clock;
  const Deadline deadline(clock, 250ms);
  EXPECT_EQ(deadline.remaining(clock.steady_now()), 250ms);
  clock.advance(250ms);
  EXPECT_TRUE(deadline.has_passed(clock.steady_now()));
  EXPECT_EQ(deadline.remaining(clock.steady_now()), 0ms);
}

}  // namespace
}  // namespace base
