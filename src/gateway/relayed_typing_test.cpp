#include "gateway/relayed_typing.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "gateway/fakes.hpp"

namespace gateway {
namespace {

using testing::user_id;

class RelayedTypingTest : public ::testing::Test {
 protected:
  void say(bool is_typing) {
    executor.enter([&] { typing.relayed(key, is_typing); });
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  int ended = 0;
  RelayedTyping typing{executor, [this](const RelayedTyping::Key& ended_key) {
                         EXPECT_EQ(ended_key, key);
                         ++ended;
                       }};
  RelayedTyping::Key key{.to = user_id("bob"),
                         .conversation = messaging::ConversationId::v7(clock.system_now()),
                         .typist = user_id("alice")};
};

TEST_F(RelayedTypingTest, typing_that_nobody_ends_is_ended_after_seven_seconds) {
  say(true);
  executor.advance(RelayedTyping::timeout - base::milliseconds(1));
  EXPECT_EQ(ended, 0);
  executor.advance(base::milliseconds(1));
  EXPECT_EQ(ended, 1);
}

TEST_F(RelayedTypingTest, repetition_begins_the_seven_seconds_again) {
  say(true);
  executor.advance(base::seconds(6));
  say(true);
  executor.advance(base::seconds(6));
  EXPECT_EQ(ended, 0);
  executor.advance(base::seconds(1));
  EXPECT_EQ(ended, 1);
}

TEST_F(RelayedTypingTest, end_that_was_relayed_is_not_told_again) {
  say(true);
  say(false);
  executor.advance(base::seconds(60));
  EXPECT_EQ(ended, 0);
}

TEST_F(RelayedTypingTest, end_of_nothing_is_nothing) {
  say(false);
  executor.advance(base::seconds(60));
  EXPECT_EQ(ended, 0);
}

TEST_F(RelayedTypingTest, stop_ends_all_timers) {
  say(true);
  executor.enter([&] { typing.stop(); });
  executor.advance(base::seconds(60));
  EXPECT_EQ(ended, 0);
}

}  // namespace
}  // namespace gateway
