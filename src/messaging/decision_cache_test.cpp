#include "messaging/decision_cache.hpp"

#include <gtest/gtest.h>

#include "messaging/header_cache.hpp"
#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::milliseconds;
using base::seconds;
using test::alice;
using test::alice_and_bob;
using test::bob;
using test::conversation;

class DecisionCacheTest : public testing::Test {
 protected:
  void put(bool connected) { cache_.put(alice_and_bob, {connected, clock_.system_now()}); }

  base::ManualClock clock_;
  DecisionCache cache_{clock_};
};

TEST_F(DecisionCacheTest, nothing_is_known_of_a_pair_that_nobody_asked_about) {
  EXPECT_FALSE(cache_.find(alice_and_bob));
  EXPECT_FALSE(cache_.find_while_away(alice_and_bob));
}

TEST_F(DecisionCacheTest, a_pair_is_the_same_from_both_sides) {
  put(true);
  EXPECT_TRUE(cache_.find(UserPair(bob, alice)));
}

TEST_F(DecisionCacheTest, a_positive_decision_lives_up_to_but_not_at_thirty_seconds) {
  put(true);
  clock_.advance(seconds(30) - milliseconds(1));
  EXPECT_TRUE(cache_.find(alice_and_bob));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(cache_.find(alice_and_bob));
}

TEST_F(DecisionCacheTest, while_the_service_is_away_a_positive_decision_lives_up_to_but_not_at_two_minutes) {
  put(true);
  clock_.advance(seconds(120) - milliseconds(1));
  EXPECT_TRUE(cache_.find_while_away(alice_and_bob));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(cache_.find_while_away(alice_and_bob));
}

TEST_F(DecisionCacheTest, a_negative_decision_lives_up_to_but_not_at_five_seconds_also_while_the_service_is_away) {
  put(false);
  clock_.advance(seconds(5) - milliseconds(1));
  ASSERT_TRUE(cache_.find(alice_and_bob));
  EXPECT_FALSE(cache_.find(alice_and_bob)->connected);
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(cache_.find(alice_and_bob));
  EXPECT_FALSE(cache_.find_while_away(alice_and_bob));
}

TEST_F(DecisionCacheTest, the_age_counts_from_the_asking_not_from_the_putting) {
  cache_.put(alice_and_bob, {true, clock_.system_now() - seconds(29)});
  EXPECT_TRUE(cache_.find(alice_and_bob));
  clock_.advance(seconds(1));
  EXPECT_FALSE(cache_.find(alice_and_bob));
}

TEST_F(DecisionCacheTest, a_decision_from_the_future_is_not_believed) {
  put(true);
  clock_.shift_system_time(-seconds(1));
  EXPECT_FALSE(cache_.find(alice_and_bob));
  EXPECT_FALSE(cache_.find_while_away(alice_and_bob));
  put(false);
  EXPECT_TRUE(cache_.find(alice_and_bob));
}

TEST_F(DecisionCacheTest, an_older_answer_does_not_replace_a_newer_one) {
  const auto asked_before = clock_.system_now();
  clock_.advance(seconds(1));
  put(false);
  cache_.put(alice_and_bob, {true, asked_before});
  EXPECT_FALSE(cache_.find(alice_and_bob)->connected);
}

TEST_F(DecisionCacheTest, a_forgotten_pair_is_unknown) {
  put(true);
  cache_.forget(alice_and_bob);
  EXPECT_FALSE(cache_.find(alice_and_bob));
}

class HeaderCacheTest : public testing::Test {
 protected:
  base::ManualClock clock_;
  HeaderCache headers_{clock_};
};

TEST_F(HeaderCacheTest, a_header_is_found_by_its_participants_alone) {
  headers_.put({conversation, alice_and_bob, true});
  EXPECT_TRUE(headers_.find_for(alice, conversation));
  EXPECT_TRUE(headers_.find_for(bob, conversation));
  EXPECT_FALSE(headers_.find_for(test::mallory, conversation));
}

TEST_F(HeaderCacheTest, a_header_is_believed_up_to_but_not_at_a_minute) {
  headers_.put({conversation, alice_and_bob, true});
  clock_.advance(seconds(60) - milliseconds(1));
  EXPECT_TRUE(headers_.find_for(alice, conversation));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(headers_.find_for(alice, conversation));
}

TEST_F(HeaderCacheTest, a_change_of_can_send_is_claimed_once) {
  headers_.put({conversation, alice_and_bob, true});
  EXPECT_TRUE(headers_.set_can_send(conversation, false));
  EXPECT_FALSE(headers_.set_can_send(conversation, false));
  EXPECT_FALSE(headers_.find_for(alice, conversation)->can_send);
}

TEST_F(HeaderCacheTest, a_header_that_is_not_cached_cannot_tell_and_lets_the_change_be_tried) {
  EXPECT_TRUE(headers_.set_can_send(conversation, false));
}

TEST(DecisionCache, of_two_decisions_from_one_millisecond_the_no_stands) {
  base::ManualClock clock;
  DecisionCache cache(clock);
  const UserPair pair(*UserId::parse("alice"), *UserId::parse("bob"));
  cache.put(pair, {.connected = false, .decided_at = clock.system_now()});
  cache.put(pair, {.connected = true, .decided_at = clock.system_now()});
  EXPECT_FALSE(cache.find(pair)->connected);
}

}  // namespace
}  // namespace messaging
