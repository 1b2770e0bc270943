#include "messaging/typing_tracker.hpp"

#include <gtest/gtest.h>

#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::milliseconds;
using base::seconds;
using test::alice;
using test::bob;
using test::conversation;
using Typing = test::RecordingNotifier::Typing;

class TypingTrackerTest : public testing::Test {
 protected:
  ~TypingTrackerTest() override {
    bool stopped = false;
    world_.executor.enter([&] { tracker_.stop([&] { stopped = true; }); });
    world_.executor.run();
    other_.run();
    world_.executor.run();
    EXPECT_TRUE(stopped);
  }

  void typed(bool is_typing, ConversationId in = conversation) { typed_on(world_.executor, is_typing, in); }
  void typed_on(base::ManualExecutor& executor, bool is_typing, ConversationId in = conversation) {
    executor.enter([&] { tracker_.typed(alice, in, bob, is_typing); });
  }
  static Typing told(bool is_typing, ConversationId in = conversation) { return {bob, in, alice, is_typing}; }

  test::World world_;
  base::ManualExecutor other_{world_.clock};
  TypingTracker tracker_{world_.clock, world_.notifier};
  std::vector<Typing>& told_ = world_.notifier.typed;
};

TEST_F(TypingTrackerTest, typing_that_is_not_repeated_ends_after_six_seconds) {
  typed(true);
  world_.executor.advance(seconds(6) - milliseconds(1));
  EXPECT_EQ(told_, std::vector{told(true)});
  world_.executor.advance(milliseconds(1));
  EXPECT_EQ(told_, (std::vector{told(true), told(false)}));
  world_.executor.advance(seconds(60));
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(TypingTrackerTest, every_repeat_is_relayed_and_puts_the_end_off) {
  typed(true);
  world_.executor.advance(seconds(4));
  typed(true);
  world_.executor.advance(seconds(6) - milliseconds(1));
  EXPECT_EQ(told_, (std::vector{told(true), told(true)}));
  world_.executor.advance(milliseconds(1));
  EXPECT_EQ(told_.back(), told(false));
  EXPECT_EQ(told_.size(), 3U);
}

TEST_F(TypingTrackerTest, an_end_by_the_client_is_told_once) {
  typed(true);
  typed(false);
  world_.executor.advance(seconds(10));
  EXPECT_EQ(told_, (std::vector{told(true), told(false)}));
}

TEST_F(TypingTrackerTest, an_end_without_a_beginning_is_relayed_too) {
  typed(false);
  EXPECT_EQ(told_, std::vector{told(false)});
}

TEST_F(TypingTrackerTest, typing_again_after_an_end_gets_its_whole_time) {
  typed(true);
  world_.executor.advance(seconds(1));
  typed(false);
  world_.executor.advance(seconds(3));
  typed(true);
  world_.executor.advance(seconds(6) - milliseconds(1));
  EXPECT_EQ(told_, (std::vector{told(true), told(false), told(true)}));
  world_.executor.advance(milliseconds(1));
  EXPECT_EQ(told_.back(), told(false));
}

TEST_F(TypingTrackerTest, a_stored_message_ends_it_at_once_and_once) {
  typed(true);
  tracker_.message_stored(alice, conversation);
  EXPECT_EQ(told_, (std::vector{told(true), told(false)}));
  tracker_.message_stored(alice, conversation);
  world_.executor.advance(seconds(10));
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(TypingTrackerTest, a_stored_message_without_typing_tells_nothing) {
  tracker_.message_stored(alice, conversation);
  EXPECT_TRUE(told_.empty());
}

TEST_F(TypingTrackerTest, a_stored_message_in_another_conversation_leaves_it) {
  typed(true);
  tracker_.message_stored(alice, test::id<ConversationId>(2));
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(TypingTrackerTest, a_disconnect_ends_it_in_all_conversations) {
  const auto second = test::id<ConversationId>(2);
  typed(true);
  typed(true, second);
  tracker_.user_disconnected(bob);
  EXPECT_EQ(told_.size(), 2U);
  tracker_.user_disconnected(alice);
  EXPECT_EQ(told_, (std::vector{told(true), told(true, second), told(false), told(false, second)}));
  world_.executor.advance(seconds(10));
  EXPECT_EQ(told_.size(), 4U);
}

TEST_F(TypingTrackerTest, a_repeat_on_another_thread_puts_off_the_timer_of_the_first) {
  typed_on(other_, true);
  other_.advance(seconds(5));
  typed(true);
  other_.advance(seconds(5));
  EXPECT_EQ(told_, (std::vector{told(true), told(true)}));
  other_.advance(seconds(1));
  EXPECT_EQ(told_.back(), told(false));
}

TEST_F(TypingTrackerTest, an_end_on_another_thread_leaves_nothing_for_the_timer_to_tell) {
  typed_on(other_, true);
  typed(false);
  other_.advance(seconds(10));
  EXPECT_EQ(told_, (std::vector{told(true), told(false)}));
}

TEST_F(TypingTrackerTest, beyond_the_bound_a_beginning_is_dropped_and_room_comes_back_with_time) {
  const int bound = static_cast<int>(TypingTracker::entries_max_per_typist);
  for (int i = 0; i <= bound; ++i) typed(true, test::id<ConversationId>(i));
  EXPECT_EQ(std::ssize(told_), bound);
  typed(true, test::id<ConversationId>(0));
  EXPECT_EQ(std::ssize(told_), bound + 1);
  world_.executor.advance(seconds(6));
  told_.clear();
  typed(true, test::id<ConversationId>(bound));
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(TypingTrackerTest, after_stop_no_timer_fires) {
  typed(true);
  typed_on(other_, true, test::id<ConversationId>(2));
  bool stopped = false;
  world_.executor.enter([&] { tracker_.stop([&] { stopped = true; }); });
  world_.executor.run();
  EXPECT_FALSE(stopped);
  other_.run();
  world_.executor.run();
  EXPECT_TRUE(stopped);
  world_.executor.advance(seconds(10));
  other_.advance(seconds(10));
  EXPECT_EQ(told_.size(), 2U);
}

}  // namespace
}  // namespace messaging
