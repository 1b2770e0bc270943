#include "net/io_thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "net/loopback_test_support.hpp"

namespace net {
namespace {

using base::milliseconds;

TEST(IoThreadTest, JobsRunInTheOrderOfPostingAsThisExecutors) {
  RunningThread thread;
  std::vector<int> ran;
  bool was_current = true;
  for (int i = 0; i < 100; ++i) {
    thread->post([&, i] {
      ran.push_back(i);
      was_current = was_current && thread->is_current();
    });
  }
  thread.run([] {});
  ASSERT_EQ(ran.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(ran));
  EXPECT_TRUE(was_current);
  EXPECT_FALSE(thread->is_current());
}

TEST(IoThreadTest, APostedJobNeverRunsWithinPost) {
  RunningThread thread;
  const auto order = thread.run([&] {
    auto steps = std::make_shared<std::string>("posting");
    thread->post([steps] { *steps += " ran"; });
    return *steps;
  });
  EXPECT_EQ(order, "posting");
}

TEST(IoThreadTest, ATimerFiresNotBeforeItsTime) {
  RunningThread thread;
  const base::SystemClock clock;
  std::promise<base::SteadyTime> fired;
  auto when = fired.get_future();
  const auto begin = clock.steady_now();
  thread->post([&] {
    (void)thread->schedule(milliseconds(30), [&] {
      EXPECT_TRUE(thread->is_current());
      fired.set_value(clock.steady_now());
    });
  });
  EXPECT_GE(wait_for(std::move(when)) - begin, milliseconds(30));
}

TEST(IoThreadTest, AShorterTimerThatIsAddedLaterFiresFirst) {
  RunningThread thread;
  std::promise<std::string> both;
  auto order = both.get_future();
  std::string fired;
  thread->post([&] {
    (void)thread->schedule(milliseconds(60), [&] { both.set_value(fired + "long"); });
    (void)thread->schedule(milliseconds(10), [&] { fired += "short "; });
  });
  EXPECT_EQ(wait_for(std::move(order)), "short long");
}

TEST(IoThreadTest, ACancelledTimerDoesNotFire) {
  RunningThread thread;
  std::promise<void> later;
  auto done = later.get_future();
  bool fired = false;
  thread->post([&] {
    const auto id = thread->schedule(milliseconds(5), [&] { fired = true; });
    (void)thread->schedule(milliseconds(40), [&] { later.set_value(); });
    thread->cancel(id);
  });
  wait_for(std::move(done));
  EXPECT_FALSE(fired);
}

TEST(IoThreadTest, ThousandsOfTimersOfOneMomentAllFire) {
  RunningThread thread;
  std::promise<void> all;
  auto done = all.get_future();
  int left = 5'000;
  thread->post([&] {
    for (int i = 0; i < 5'000; ++i) {
      (void)thread->schedule(milliseconds(10), [&] {
        if (--left == 0) all.set_value();
      });
    }
  });
  wait_for(std::move(done));
  EXPECT_EQ(left, 0);
}

TEST(IoThreadTest, TheEndOfTheTurnComesAfterWhatWasReady) {
  RunningThread thread;
  std::string order;
  std::promise<void> ended;
  auto done = ended.get_future();
  thread->post([&] {
    thread->post([&] { order += "ready "; });
    thread->at_end_of_turn([&] { order += "end "; });
    thread->at_end_of_turn([&] {
      order += "of turn";
      thread->at_end_of_turn([&] { ended.set_value(); });
    });
  });
  wait_for(std::move(done));
  EXPECT_EQ(order, "ready end of turn");
}

TEST(IoThreadTest, WorkThatIsLeftIsDestroyedUnrun) {
  const base::SystemClock clock;
  auto held = std::make_shared<int>(0);
  {
    IoThread thread(clock, 0);
    thread.post([held] { ++*held; });
    (void)thread.schedule(milliseconds(0), [held] { ++*held; });
    thread.at_end_of_turn([held] { ++*held; });
    // A job may hold what cancels another when it goes, as connections do.
    const auto other = thread.schedule(milliseconds(1), [held] { ++*held; });
    auto canceller = std::shared_ptr<int>(new int(0), [&thread, other](const int* each) {
      delete each;
      thread.cancel(other);
    });
    thread.post([canceller = std::move(canceller)] {});
  }
  EXPECT_EQ(*held, 0);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace net
