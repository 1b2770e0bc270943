#include "rpc/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace rpc {
namespace {

using base::milliseconds;
using State = CircuitBreaker::State;

class Breaker : public testing::Test {
 protected:
  base::ManualClock clock;
  CircuitBreaker breaker{{.failures_to_open = 3,
                          .window_calls_min = 8,
                          .window = milliseconds(10'000),
                          .open_time = milliseconds(1'000),
                          .open_time_max = milliseconds(4'000),
                          .successes_to_close = 2}};

  bool begin() { return breaker.try_begin(clock.steady_now()); }
  State state() const { return breaker.state(clock.steady_now()); }
  void succeed(int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(begin());
      breaker.succeeded(clock.steady_now());
    }
  }
  void fail(int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(begin());
      breaker.failed(clock.steady_now());
    }
  }
  void open() {
    fail(3);
    ASSERT_EQ(state(), State::open);
  }
};

TEST_F(Breaker, at_first_is_closed_and_lets_calls_pass_at_once) {
  EXPECT_EQ(state(), State::closed);
  EXPECT_TRUE(begin());
  EXPECT_TRUE(begin());
}

TEST_F(Breaker, opens_after_failures_in_a_row) {
  fail(2);
  EXPECT_EQ(state(), State::closed);
  fail();
  EXPECT_EQ(state(), State::open);
  EXPECT_FALSE(begin());
}

TEST_F(Breaker, a_success_ends_the_row) {
  fail(2);
  succeed();
  fail(2);
  EXPECT_EQ(state(), State::closed);
}

TEST_F(Breaker, an_abandoned_call_neither_ends_the_row_nor_makes_it_longer) {
  fail(2);
  ASSERT_TRUE(begin());
  breaker.abandoned(clock.steady_now());
  EXPECT_EQ(state(), State::closed);
  fail();
  EXPECT_EQ(state(), State::open);
}

TEST_F(Breaker, opens_when_half_of_enough_calls_failed) {
  for (int i = 0; i < 3; ++i) {
    succeed();
    fail();
  }
  succeed();
  EXPECT_EQ(state(), State::closed);
  fail();  // the 8th, the 4th failure
  EXPECT_EQ(state(), State::open);
}

TEST_F(Breaker, less_than_half_of_the_calls_leave_it_closed) {
  for (int i = 0; i < 20; ++i) {
    succeed(2);
    fail();
  }
  EXPECT_EQ(state(), State::closed);
}

TEST_F(Breaker, what_is_older_than_the_window_does_not_count) {
  for (int i = 0; i < 3; ++i) {
    succeed();
    fail();
  }
  clock.advance(milliseconds(10'000));
  succeed();
  fail();
  EXPECT_EQ(state(), State::closed);
}

TEST_F(Breaker, the_window_moves_on_piece_by_piece) {
  for (int i = 0; i < 3; ++i) {
    succeed();
    fail();
  }
  clock.advance(milliseconds(8'000));
  succeed();
  fail();
  EXPECT_EQ(state(), State::open);
}

TEST_F(Breaker, stays_open_for_its_time_and_is_half_open_then) {
  open();
  clock.advance(milliseconds(999));
  EXPECT_EQ(state(), State::open);
  EXPECT_FALSE(begin());
  clock.advance(milliseconds(1));
  EXPECT_EQ(state(), State::half_open);
}

TEST_F(Breaker, half_open_lets_one_call_pass_at_a_time) {
  open();
  clock.advance(milliseconds(1'000));
  EXPECT_TRUE(begin());
  EXPECT_FALSE(begin());
  breaker.succeeded(clock.steady_now());
  EXPECT_EQ(state(), State::half_open);
  EXPECT_TRUE(begin());
  EXPECT_FALSE(begin());
}

TEST_F(Breaker, closes_after_enough_good_trials_and_forgets_what_was) {
  open();
  clock.advance(milliseconds(1'000));
  succeed(2);
  EXPECT_EQ(state(), State::closed);
  fail(2);
  EXPECT_EQ(state(), State::closed);
}

TEST_F(Breaker, a_failed_trial_opens_it_for_twice_as_long_up_to_a_limit) {
  open();
  milliseconds waited{1'000};
  for (const milliseconds next : {milliseconds(2'000), milliseconds(4'000), milliseconds(4'000)}) {
    clock.advance(waited);
    fail();
    clock.advance(next - milliseconds(1));
    EXPECT_EQ(state(), State::open) << next.count();
    waited = milliseconds(1);
  }
}

TEST_F(Breaker, a_good_trial_before_the_failed_one_does_not_help) {
  open();
  clock.advance(milliseconds(1'000));
  succeed();
  fail();
  EXPECT_EQ(state(), State::open);
  clock.advance(milliseconds(2'000));
  succeed();
  EXPECT_EQ(state(), State::half_open);
}

TEST_F(Breaker, once_closed_again_it_opens_for_the_short_time) {
  open();
  clock.advance(milliseconds(1'000));
  fail();
  clock.advance(milliseconds(2'000));
  succeed(2);
  open();
  clock.advance(milliseconds(1'000));
  EXPECT_EQ(state(), State::half_open);
}

TEST_F(Breaker, an_abandoned_trial_makes_room_for_the_next) {
  open();
  clock.advance(milliseconds(1'000));
  ASSERT_TRUE(begin());
  breaker.abandoned(clock.steady_now());
  EXPECT_EQ(state(), State::half_open);
  EXPECT_TRUE(begin());
}

TEST_F(Breaker, ends_of_calls_from_before_it_opened_change_nothing) {
  ASSERT_TRUE(begin());
  ASSERT_TRUE(begin());
  ASSERT_TRUE(begin());
  open();
  breaker.succeeded(clock.steady_now());
  breaker.failed(clock.steady_now());
  EXPECT_EQ(state(), State::open);
  clock.advance(milliseconds(1'000));
  EXPECT_EQ(state(), State::half_open);
  breaker.failed(clock.steady_now());
  EXPECT_EQ(state(), State::half_open);
}

}  // namespace
}  // namespace rpc
