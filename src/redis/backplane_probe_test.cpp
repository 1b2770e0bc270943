#include "redis/backplane_probe.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "base/metrics.hpp"
#include "redis/fake_bus.hpp"

namespace redis {
namespace {

class BackplaneProbeTest : public ::testing::Test {
 protected:
  BackplaneProbeTest() {
    bus.start();
    probe.start();
    executor.run();
  }

  // Round trips that were counted since the last call.
  std::uint64_t take_round_trips() {
    std::uint64_t total = 0;
    for (const auto& sample : base::metrics::collect()) {
      if (sample.name == "messaging_backplane_seconds") total = sample.count;
    }
    return total - std::exchange(counted, total);
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeBus bus{executor};
  BackplaneProbe probe{clock, bus, "messagingd:probe:one"};
  std::uint64_t counted = 0;
};

TEST_F(BackplaneProbeTest, round_trip_is_taken_each_second) {
  take_round_trips();
  executor.advance(BackplaneProbe::interval);
  executor.run();
  EXPECT_EQ(take_round_trips(), 1U);
  executor.advance(BackplaneProbe::interval);
  executor.run();
  EXPECT_EQ(take_round_trips(), 1U);
}

TEST_F(BackplaneProbeTest, lost_message_is_given_up_for_the_next) {
  take_round_trips();
  bus.lose_publishes(1);
  executor.advance(BackplaneProbe::interval);
  executor.run();
  EXPECT_EQ(take_round_trips(), 0U);
  executor.advance(BackplaneProbe::interval);
  executor.run();
  EXPECT_EQ(take_round_trips(), 1U);
}

TEST_F(BackplaneProbeTest, nothing_is_sent_while_the_link_is_down_or_after_the_stop) {
  bus.set_link(false);
  executor.run();
  static_cast<void>(bus.take_published());
  executor.advance(BackplaneProbe::interval);
  bus.set_link(true);
  probe.stop();
  executor.run();
  executor.advance(BackplaneProbe::interval);
  EXPECT_TRUE(bus.take_published().empty());
}

}  // namespace
}  // namespace redis
