#include "base/manual_executor.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace base {
namespace {

using namespace std::chrono_literals;

struct ManualExecutorTest : testing::Test {
  ManualClock clock;
  ManualExecutor executor{clock};
  std::vector<int> ran;
};

TEST_F(ManualExecutorTest, PostedJobs_RunInOrderAndAsItsOwn) {
  executor.post([this] {
    ran.push_back(1);
    EXPECT_TRUE(executor.is_current());
    executor.post([this] { ran.push_back(3); });
  });
  executor.post([this] { ran.push_back(2); });
  EXPECT_TRUE(ran.empty());
  executor.run();
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
  EXPECT_FALSE(executor.is_current());
}

TEST_F(ManualExecutorTest, Timers_FireAtTheirTimesInOrder) {
  const auto start = clock.steady_now();
  std::vector<SteadyTime::duration> at;
  const auto note = [&] { at.push_back(clock.steady_now() - start); };
  static_cast<void>(executor.schedule(30ms, note));
  static_cast<void>(executor.schedule(10ms, note));
  executor.advance(100ms);
  EXPECT_EQ(at, (std::vector<SteadyTime::duration>{10ms, 30ms}));
  EXPECT_EQ(clock.steady_now() - start, 100ms);
}

TEST_F(ManualExecutorTest, ACancelledTimer_DoesNotFire) {
  const auto id = executor.schedule(10ms, [this] { ran.push_back(1); });
  executor.cancel(id);
  executor.cancel(0);
  executor.advance(1s);
  EXPECT_TRUE(ran.empty());
}

}  // namespace
}  // namespace base
