#include "messaging/connection_auth_guard.hpp"

#include <gtest/gtest.h>

#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::seconds;
using test::alice;
using test::alice_and_bob;
using test::bob;
using test::conversation;
using test::mallory;

class ConnectionAuthGuardTest : public testing::Test {
 protected:
  ConnectionAuthGuardTest() { world_.tables.add_conversation(conversation, alice_and_bob); }
  ~ConnectionAuthGuardTest() override {
    bool stopped = false;
    world_.executor.enter([&] { guard_.stop([&] { stopped = true; }); });
    world_.executor.run();
    EXPECT_TRUE(stopped);
  }

  static Caller caller(UserId user) { return {std::move(user), nullptr, "device"}; }
  static ConversationHeader header(bool can_send) { return {conversation, alice_and_bob, can_send}; }

  auto participant(UserId user, ConversationId id = conversation) {
    return world_.run([&] { return guard_.require_participant(user, id); });
  }
  // The whole way of a send: the header as it is cached or stored, then the decision.
  Result<void> send(UserId user) {
    auto found = participant(user);
    return world_.run([&] { return guard_.require_connection(caller(user), *found); });
  }
  auto start_asking(UserId user) {
    return world_.start([&] { return guard_.require_connection(caller(user), header(true)); });
  }
  static Errc code_of(const Result<void>& result) { return result.error().code; }

  test::World world_;
  base::ManualExecutor other_{world_.clock};
  test::FakeConnections& connections_ = world_.connections;
  ConnectionAuthGuard guard_{world_.clock, world_.tables, world_.connections, world_.notifier, world_.executor};
};

// --- participants

TEST_F(ConnectionAuthGuardTest, a_participant_gets_the_header_from_one_read_for_a_minute) {
  ASSERT_TRUE(participant(alice));
  EXPECT_EQ(participant(bob)->participants, alice_and_bob);
  EXPECT_EQ(world_.tables.calls["find_header"], 1);
  world_.clock.advance(seconds(60));
  ASSERT_TRUE(participant(alice));
  EXPECT_EQ(world_.tables.calls["find_header"], 2);
}

TEST_F(ConnectionAuthGuardTest, a_stranger_and_an_unknown_conversation_get_the_same_answer_from_the_same_work) {
  ASSERT_TRUE(participant(alice));
  const int before = world_.tables.calls["find_header"];
  const auto stranger = participant(mallory);
  EXPECT_EQ(world_.tables.calls["find_header"], before + 1);
  const auto unknown = participant(mallory, test::id<ConversationId>(404));
  EXPECT_EQ(world_.tables.calls["find_header"], before + 2);
  EXPECT_EQ(stranger.error().code, Errc::conversation_not_found);
  EXPECT_EQ(unknown.error().code, Errc::conversation_not_found);
  EXPECT_EQ(stranger.error().detail, unknown.error().detail);
}

TEST_F(ConnectionAuthGuardTest, a_conversation_that_appears_later_is_found_at_once) {
  const auto later = test::id<ConversationId>(2);
  EXPECT_FALSE(participant(alice, later));
  world_.tables.add_conversation(later, alice_and_bob);
  EXPECT_TRUE(participant(alice, later));
}

TEST_F(ConnectionAuthGuardTest, a_storage_failure_is_not_a_missing_conversation) {
  world_.tables.failures["find_header"] = Errc::storage_unavailable;
  EXPECT_EQ(participant(alice).error().code, Errc::storage_unavailable);
}

// --- decisions

TEST_F(ConnectionAuthGuardTest, a_decision_is_asked_for_once_while_it_lives_for_both_users) {
  EXPECT_TRUE(send(alice));
  EXPECT_TRUE(send(bob));
  EXPECT_EQ(connections_.asked, 1);
  world_.clock.advance(seconds(30));
  EXPECT_TRUE(send(alice));
  EXPECT_EQ(connections_.asked, 2);
}

TEST_F(ConnectionAuthGuardTest, a_no_refuses_and_lives_five_seconds) {
  connections_.answer = false;
  EXPECT_EQ(code_of(send(alice)), Errc::not_connected);
  connections_.answer = true;
  EXPECT_EQ(code_of(send(alice)), Errc::not_connected);
  world_.clock.advance(seconds(5));
  EXPECT_TRUE(send(alice));
}

TEST_F(ConnectionAuthGuardTest, without_the_service_an_undecided_pair_is_unavailable_and_asked_again_next_time) {
  connections_.answer = base::fail(Errc::authz_unavailable);
  EXPECT_EQ(code_of(send(alice)), Errc::authz_unavailable);
  EXPECT_EQ(code_of(send(alice)), Errc::authz_unavailable);
  EXPECT_EQ(connections_.asked, 2);
}

TEST_F(ConnectionAuthGuardTest, without_the_service_a_yes_is_kept_for_two_minutes) {
  EXPECT_TRUE(send(alice));
  connections_.answer = base::fail(Errc::authz_unavailable);
  world_.clock.advance(seconds(119));
  EXPECT_TRUE(send(alice));
  world_.clock.advance(seconds(1));
  EXPECT_EQ(code_of(send(alice)), Errc::authz_unavailable);
}

TEST_F(ConnectionAuthGuardTest, a_refusal_to_tell_refuses_and_is_not_cached_even_over_an_old_yes) {
  EXPECT_TRUE(send(alice));
  world_.clock.advance(seconds(31));
  connections_.answer = base::fail(Errc::not_connected);
  EXPECT_EQ(code_of(send(alice)), Errc::not_connected);
  connections_.answer = true;
  EXPECT_TRUE(send(alice));
}

TEST_F(ConnectionAuthGuardTest, a_question_that_the_service_does_not_answer_is_not_answered_by_an_old_yes) {
  ASSERT_TRUE(send(alice));
  world_.clock.advance(seconds(31));
  connections_.answer = base::fail(Errc::unauthenticated);
  EXPECT_EQ(code_of(send(alice)), Errc::authz_unavailable);
  connections_.answer = base::fail(Errc::authz_unavailable);
  EXPECT_TRUE(send(alice));
}

TEST_F(ConnectionAuthGuardTest, a_change_that_is_learnt_while_the_question_is_out_is_the_answer) {
  connections_.answer.reset();
  const auto asking = start_asking(alice);
  world_.clock.advance(seconds(1));
  world_.executor.enter([&] { guard_.apply_change(alice_and_bob, false); });
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_EQ(code_of(**asking), Errc::not_connected);
}

// --- one question at a time

TEST_F(ConnectionAuthGuardTest, callers_who_come_meanwhile_share_one_question) {
  connections_.answer.reset();
  const auto first = start_asking(alice);
  const auto second = start_asking(bob);
  const auto third = start_asking(alice);
  world_.executor.run();
  EXPECT_EQ(connections_.asked, 1);
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_TRUE((*first)->has_value());
  EXPECT_TRUE((*second)->has_value());
  EXPECT_TRUE((*third)->has_value());
  EXPECT_EQ(connections_.asked, 1);
}

TEST_F(ConnectionAuthGuardTest, a_waiter_on_another_thread_is_resumed_there) {
  connections_.answer.reset();
  const auto first = start_asking(alice);
  const auto elsewhere = world_.start_on(other_, [&] { return guard_.require_connection(caller(bob), header(true)); });
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_TRUE(*first);
  EXPECT_FALSE(*elsewhere);
  other_.run();
  EXPECT_TRUE((*elsewhere)->has_value());
}

TEST_F(ConnectionAuthGuardTest, an_outage_answers_all_who_wait) {
  connections_.answer.reset();
  const auto first = start_asking(alice);
  const auto second = start_asking(bob);
  world_.executor.enter([&] { connections_.tell(base::fail(Errc::authz_unavailable)); });
  world_.executor.run();
  EXPECT_EQ(code_of(**first), Errc::authz_unavailable);
  EXPECT_EQ(code_of(**second), Errc::authz_unavailable);
}

TEST_F(ConnectionAuthGuardTest, a_refusal_to_tell_one_user_makes_the_other_ask_himself) {
  connections_.answer.reset();
  const auto of_alice = start_asking(alice);
  const auto of_bob = start_asking(bob);
  const auto also_of_alice = start_asking(alice);
  const auto also_of_bob = start_asking(bob);
  world_.executor.enter([&] { connections_.tell(base::fail(Errc::not_connected)); });
  world_.executor.run();
  EXPECT_EQ(code_of(**of_alice), Errc::not_connected);
  EXPECT_EQ(code_of(**also_of_alice), Errc::not_connected);
  ASSERT_EQ(connections_.questions.size(), 1U);
  EXPECT_EQ(connections_.questions[0].caller, bob);
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_TRUE((*of_bob)->has_value());
  EXPECT_TRUE((*also_of_bob)->has_value());
  EXPECT_EQ(connections_.asked, 2);
}

TEST_F(ConnectionAuthGuardTest, beyond_its_bound_of_waiters_a_caller_is_overloaded) {
  connections_.answer.reset();
  std::vector<test::Outcome<Result<void>>> waiting{start_asking(alice)};
  for (std::size_t i = 0; i < ConnectionAuthGuard::waiters_max_per_pair; ++i) waiting.push_back(start_asking(alice));
  const auto beyond = start_asking(alice);
  ASSERT_TRUE(*beyond);
  EXPECT_EQ(code_of(**beyond), Errc::overloaded);
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  for (const auto& each : waiting) EXPECT_TRUE(each->value().has_value());
}

// --- canSend

TEST_F(ConnectionAuthGuardTest, a_no_turns_can_send_off_once_and_tells_both) {
  connections_.answer = false;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(send(alice));
  EXPECT_FALSE(world_.tables.can_send(conversation));
  EXPECT_EQ(world_.tables.calls["set_can_send"], 1);
  const auto to_alice = world_.notifier.of<ConversationUpdated>(alice);
  const auto to_bob = world_.notifier.of<ConversationUpdated>(bob);
  ASSERT_EQ(to_alice.size(), 1U);
  ASSERT_EQ(to_bob.size(), 1U);
  EXPECT_FALSE(std::get<ConversationUpdated>(*to_alice[0].event).conversation.can_send);
  EXPECT_EQ(to_alice[0].position, 1);
  EXPECT_EQ(to_alice[0].except, "");
}

TEST_F(ConnectionAuthGuardTest, refusals_at_the_same_moment_change_can_send_once) {
  connections_.answer.reset();
  ASSERT_TRUE(participant(alice));
  const auto first = start_asking(alice);
  const auto second = start_asking(bob);
  world_.executor.enter([&] { connections_.tell(false); });
  world_.executor.run();
  EXPECT_EQ(world_.tables.calls["set_can_send"], 1);
  EXPECT_EQ(world_.notifier.published.size(), 2U);
}

TEST_F(ConnectionAuthGuardTest, a_yes_over_a_stored_no_turns_can_send_on) {
  const auto second = test::id<ConversationId>(2);
  world_.tables.add_conversation(second, UserPair(alice, mallory), false);
  auto found = participant(alice, second);
  ASSERT_FALSE(found->can_send);
  EXPECT_TRUE(world_.run([&] { return guard_.require_connection(caller(alice), *found); }));
  EXPECT_TRUE(world_.tables.can_send(second));
  EXPECT_TRUE(participant(alice, second)->can_send);
}

TEST_F(ConnectionAuthGuardTest, sends_that_agree_with_can_send_do_not_touch_the_tables) {
  EXPECT_TRUE(send(alice));
  const auto before = world_.tables.calls;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(send(alice));
  EXPECT_EQ(world_.tables.calls, before);
}

TEST_F(ConnectionAuthGuardTest, a_change_that_could_not_be_stored_is_tried_again) {
  connections_.answer = false;
  world_.tables.failures["set_can_send"] = Errc::storage_unavailable;
  EXPECT_FALSE(send(alice));
  EXPECT_TRUE(world_.tables.can_send(conversation));
  world_.tables.failures.clear();
  EXPECT_FALSE(send(alice));
  EXPECT_FALSE(world_.tables.can_send(conversation));
}

TEST_F(ConnectionAuthGuardTest, a_pair_without_a_known_conversation_is_looked_up_with_a_fresh_decision_alone) {
  connections_.answer = false;
  const auto ask = [&] { return guard_.require_connection(caller(bob), alice); };
  EXPECT_FALSE(world_.run(ask));
  EXPECT_FALSE(world_.tables.can_send(conversation));
  EXPECT_FALSE(world_.run(ask));
  EXPECT_EQ(world_.tables.calls["find_header_of_pair"], 1);
}

TEST_F(ConnectionAuthGuardTest, a_change_learnt_elsewhere_counts_at_once_and_is_stored) {
  EXPECT_TRUE(send(alice));
  world_.executor.enter([&] { guard_.apply_change(alice_and_bob, false); });
  EXPECT_EQ(code_of(send(alice)), Errc::not_connected);
  world_.executor.run();
  EXPECT_FALSE(world_.tables.can_send(conversation));
  EXPECT_EQ(world_.notifier.of<ConversationUpdated>(bob).size(), 1U);
}

TEST_F(ConnectionAuthGuardTest, a_change_from_a_thread_without_executor_is_stored_on_the_background_executor) {
  guard_.apply_change(alice_and_bob, false);
  EXPECT_EQ(world_.tables.calls["find_header_of_pair"], 0);
  world_.executor.run();
  EXPECT_FALSE(world_.tables.can_send(conversation));
}

TEST_F(ConnectionAuthGuardTest, two_changes_that_overtake_each_other_leave_the_latest) {
  world_.tables.hold("find_header_of_pair");
  world_.executor.enter([&] { guard_.apply_change(alice_and_bob, false); });
  world_.clock.advance(seconds(1));
  world_.executor.enter([&] { guard_.apply_change(alice_and_bob, true); });
  world_.executor.run();
  world_.executor.enter([&] { world_.tables.release("find_header_of_pair"); });
  world_.executor.run();
  EXPECT_TRUE(world_.tables.can_send(conversation));
  EXPECT_TRUE(world_.notifier.published.empty());
}

// --- typing's decision

TEST_F(ConnectionAuthGuardTest, without_a_cached_decision_there_is_none_now_and_one_question_in_the_background) {
  connections_.answer.reset();
  world_.executor.enter([&] {
    EXPECT_FALSE(guard_.cached_decision(caller(alice), bob));
    EXPECT_FALSE(guard_.cached_decision(caller(alice), bob));
  });
  EXPECT_EQ(connections_.asked, 1);
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_EQ(guard_.cached_decision(caller(bob), alice), true);
}

TEST_F(ConnectionAuthGuardTest, stop_waits_for_background_work_and_begins_no_more) {
  connections_.answer.reset();
  world_.executor.enter([&] { (void)guard_.cached_decision(caller(alice), bob); });
  bool stopped = false;
  world_.executor.enter([&] { guard_.stop([&] { stopped = true; }); });
  EXPECT_FALSE(stopped);
  world_.executor.enter([&] { connections_.tell(true); });
  world_.executor.run();
  EXPECT_TRUE(stopped);
  guard_.apply_change(alice_and_bob, false);
  EXPECT_FALSE(guard_.cached_decision(caller(alice), mallory));
  world_.executor.run();
  EXPECT_TRUE(world_.tables.can_send(conversation));
}

}  // namespace
}  // namespace messaging
