#include "gateway/head_comparison.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"

namespace gateway {
namespace {

using base::milliseconds;
using base::seconds;

class HeadComparisonTest : public ::testing::Test {
 protected:
  // Runs something as the thread would, and what follows from it at once.
  template <class F>
  void on_thread(F job) {
    executor.enter(job);
    executor.advance(milliseconds(0));
  }
  void end(bool succeeded = true) {
    on_thread([&] { std::exchange(running, nullptr)(succeeded); });
  }
  // Comparisons within this time, each ending at once.
  int count_within(milliseconds time) {
    const int before = begun;
    ends_at_once = true;
    for (auto passed = milliseconds(0); passed < time; passed += milliseconds(50)) executor.advance(milliseconds(50));
    ends_at_once = false;
    return begun - before;
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  int begun = 0;
  bool ends_at_once = false;
  HeadComparison::Done running;
  HeadComparison comparison{clock, executor, [this](HeadComparison::Done done) {
                              ++begun;
                              if (ends_at_once) return done(true);
                              running = std::move(done);
                            }};
};

TEST_F(HeadComparisonTest, suspicion_is_looked_into_at_once_and_again_after_two_seconds) {
  on_thread([&] { comparison.suspect_loss(); });
  EXPECT_EQ(begun, 1);
  end();
  EXPECT_EQ(count_within(milliseconds(1'900)), 0);
  EXPECT_EQ(count_within(milliseconds(200)), 1);
  EXPECT_EQ(count_within(seconds(60)), 0);
}

TEST_F(HeadComparisonTest, much_evidence_at_once_is_one_comparison_now_and_one_later) {
  on_thread([&] {
    for (int i = 0; i < 100; ++i) comparison.suspect_loss();
  });
  EXPECT_EQ(begun, 1);
  end();
  EXPECT_EQ(count_within(seconds(10)), 1);
}

TEST_F(HeadComparisonTest, evidence_during_a_comparison_asks_for_another) {
  on_thread([&] { comparison.suspect_loss(); });
  on_thread([&] { comparison.suspect_loss(); });
  EXPECT_EQ(begun, 1);
  end();
  EXPECT_EQ(count_within(HeadComparison::pause_min), 1);
}

TEST_F(HeadComparisonTest, comparison_that_failed_is_tried_again_until_it_succeeds) {
  on_thread([&] { comparison.suspect_loss(); });
  end(false);
  executor.advance(HeadComparison::retry_pause);
  EXPECT_EQ(begun, 2);
  end(false);
  executor.advance(HeadComparison::retry_pause);
  EXPECT_EQ(begun, 3);
  end();
  EXPECT_EQ(count_within(seconds(60)), 0);
}

TEST_F(HeadComparisonTest, node_of_a_cluster_compares_every_thirty_seconds) {
  on_thread([&] {
    comparison.start();
    comparison.link_changed(true);
  });
  EXPECT_EQ(count_within(HeadComparison::interval_without_link), 1);
  EXPECT_EQ(count_within(seconds(29)), 0);
  EXPECT_EQ(count_within(seconds(2)), 1);
}

TEST_F(HeadComparisonTest, node_without_its_link_compares_every_three_seconds) {
  on_thread([&] {
    comparison.start();
    comparison.link_changed(true);
  });
  EXPECT_EQ(count_within(seconds(5)), 1);
  on_thread([&] { comparison.link_changed(false); });
  EXPECT_EQ(count_within(seconds(17)), 5);
}

TEST_F(HeadComparisonTest, lost_member_may_be_cut_off_alone_and_is_distrusted_for_ten_minutes) {
  on_thread([&] {
    comparison.start();
    comparison.link_changed(true);
  });
  EXPECT_EQ(count_within(seconds(5)), 1);
  on_thread([&] { comparison.member_lost(); });
  end();
  EXPECT_GE(count_within(seconds(60)), 13);
  static_cast<void>(count_within(HeadComparison::distrust_after_lost_member));
  EXPECT_LE(count_within(seconds(60)), 2);
}

TEST_F(HeadComparisonTest, comparison_that_takes_long_is_followed_by_a_pause_as_long) {
  on_thread([&] { comparison.suspect_loss(); });
  executor.advance(seconds(3));
  on_thread([&] { comparison.suspect_loss(); });
  end();
  EXPECT_EQ(count_within(milliseconds(2'900)), 0);
  EXPECT_EQ(count_within(milliseconds(200)), 1);
}

TEST_F(HeadComparisonTest, stopped_one_begins_none) {
  on_thread([&] {
    comparison.start();
    comparison.suspect_loss();
    comparison.stop();
  });
  EXPECT_EQ(count_within(seconds(60)), 0);
}

}  // namespace
}  // namespace gateway
