#include "net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace net {
namespace {

using base::milliseconds;
using std::chrono::seconds;

class TimerWheelTest : public testing::Test {
 protected:
  base::TimerId add(milliseconds after, std::string name) {
    return wheel_.add(now_, now_ + after, [this, name = std::move(name)] { fired_.push_back(name); });
  }
  std::vector<std::string> advance(milliseconds by) {
    now_ += by;
    wheel_.advance(now_);
    while (wheel_.has_due()) wheel_.take_due()();
    return std::exchange(fired_, {});
  }

  using Fired = std::vector<std::string>;
  base::SteadyTime now_{seconds(1'000)};
  TimerWheel wheel_;
  Fired fired_;
};

TEST_F(TimerWheelTest, NeverFiresEarlyAndAtMostOneTickLate) {
  for (int delay = 0; delay < 40; ++delay) {
    for (int phase = 0; phase < 8; ++phase) {
      now_ += milliseconds(phase);
      (void)add(milliseconds(delay), "x");
      int waited = 0;
      while (advance(milliseconds(0)).empty()) {
        now_ += milliseconds(1);
        ++waited;
      }
      EXPECT_GE(waited, delay);
      EXPECT_LE(waited, delay + TimerWheel::tick.count());
    }
  }
}

TEST_F(TimerWheelTest, OfSeveralThatAreDueTheEarlierFiresFirst) {
  (void)add(milliseconds(300), "late");
  (void)add(milliseconds(3), "second");
  (void)add(milliseconds(2), "first");
  (void)add(milliseconds(3), "third");
  EXPECT_EQ(advance(seconds(1)), (Fired{"first", "second", "third", "late"}));
}

TEST_F(TimerWheelTest, ATimerLongerThanATurnOfTheWheelFiresOnceAndInTime) {
  (void)add(seconds(100), "long");
  for (int elapsed = 0; elapsed < 99; ++elapsed) EXPECT_TRUE(advance(seconds(1)).empty()) << elapsed;
  EXPECT_EQ(advance(milliseconds(1'008)), Fired{"long"});
  EXPECT_TRUE(advance(seconds(200)).empty());
}

TEST_F(TimerWheelTest, AfterALoopThatStoodStillForMinutesAllFireInOrder) {
  (void)add(seconds(70), "70 s");
  (void)add(seconds(1), "1 s");
  (void)add(seconds(35), "35 s");
  EXPECT_EQ(advance(seconds(300)), (Fired{"1 s", "35 s", "70 s"}));
}

TEST_F(TimerWheelTest, ACancelledTimerDoesNotFireAndItsJobIsDestroyed) {
  auto held = std::make_shared<int>(1);
  const auto id = wheel_.add(now_, now_ + seconds(1), [held] {});
  wheel_.cancel(id);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(wheel_.size(), 0U);
  EXPECT_TRUE(advance(seconds(2)).empty());
}

TEST_F(TimerWheelTest, IdsThatAreStaleOrZeroAreIgnored) {
  const auto stale = add(milliseconds(10), "old");
  advance(seconds(1));
  const auto id = add(milliseconds(10), "new");
  EXPECT_NE(stale, id);
  wheel_.cancel(stale);
  wheel_.cancel(0);
  wheel_.cancel(~base::TimerId{0});
  EXPECT_EQ(advance(seconds(1)), Fired{"new"});
}

TEST_F(TimerWheelTest, ATimerThatAnotherOfTheSameMomentCancelsDoesNotFire) {
  base::TimerId victim = 0;
  (void)wheel_.add(now_, now_ + milliseconds(1), [&] { wheel_.cancel(victim); });
  victim = add(milliseconds(2), "victim");
  EXPECT_TRUE(advance(seconds(1)).empty());
}

TEST_F(TimerWheelTest, AJobMayAddTimersAndTheyFireLater) {
  (void)wheel_.add(now_, now_ + milliseconds(1), [&] { (void)add(milliseconds(0), "next"); });
  EXPECT_TRUE(advance(milliseconds(16)).empty());
  EXPECT_EQ(advance(milliseconds(8)), Fired{"next"});
}

TEST_F(TimerWheelTest, AnEmptyWheelAsksForNoWakeUp) {
  EXPECT_FALSE(wheel_.next_wake());
  const auto id = add(seconds(1), "x");
  EXPECT_TRUE(wheel_.next_wake());
  wheel_.cancel(id);
  EXPECT_FALSE(wheel_.next_wake());
}

TEST_F(TimerWheelTest, TheWakeUpAskedForIsTheFirstTimersTick) {
  for (int minutes = 0; minutes < 5; ++minutes) {
    (void)add(seconds(20), "later");
    (void)add(milliseconds(500), "sooner");
    const auto wake = wheel_.next_wake();
    ASSERT_TRUE(wake);
    EXPECT_GE(*wake, now_ + milliseconds(500));
    EXPECT_LT(*wake, now_ + milliseconds(500) + TimerWheel::tick);
    advance(std::chrono::minutes(1));
  }
}

TEST_F(TimerWheelTest, AHundredThousandTimersAreAddedCancelledAndFired) {
  std::vector<base::TimerId> ids;
  std::size_t count = 0;
  for (int i = 0; i < 100'000; ++i) {
    ids.push_back(wheel_.add(now_, now_ + milliseconds(i % 50'000), [&count] { ++count; }));
  }
  for (std::size_t i = 0; i < ids.size(); i += 2) wheel_.cancel(ids[i]);
  EXPECT_EQ(wheel_.size(), 50'000U);
  for (int elapsed = 0; elapsed <= 51; ++elapsed) advance(seconds(1));
  EXPECT_EQ(count, 50'000U);
  EXPECT_EQ(wheel_.size(), 0U);
}

TEST_F(TimerWheelTest, ClearingDestroysJobsThatCancelOthersAsTheyGo) {
  const auto other = add(seconds(1), "other");
  auto guard = std::shared_ptr<int>(new int(0), [&](const int* held) {
    delete held;
    wheel_.cancel(other);
  });
  (void)wheel_.add(now_, now_ + milliseconds(5), [guard = std::move(guard)] {});
  wheel_.clear();
  EXPECT_EQ(wheel_.size(), 0U);
  EXPECT_TRUE(advance(seconds(2)).empty());
}

}  // namespace
}  // namespace net
