#include "messaging/messaging_service.hpp"

#include "messaging/test_service.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::milliseconds;
using base::seconds;
using test::alice;
using test::bob;
using test::conversation;
using test::expect_error;
using test::mallory;
using test::user;

class Sending : public test::MessagingServiceTest {
 protected:
  void use_up_sends() {
    while (!rate_limiter_.try_take(alice, RateLimiter::Kind::send)) {
    }
  }
};

TEST_F(Sending, a_message_is_stored_and_told_to_both_but_for_the_device_that_sent_it) {
  const auto sent = send(alice, message("hi", key(1)));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->seq, 1);
  EXPECT_EQ(sent->content, "hi");
  EXPECT_EQ(sent->author_id, alice);
  EXPECT_EQ(sent->created_at, world_.clock.system_now());
  const auto to_bob = notifier_.of<NewMessage>(bob);
  const auto to_alice = notifier_.of<NewMessage>(alice);
  ASSERT_EQ(to_bob.size(), 1U);
  ASSERT_EQ(to_alice.size(), 1U);
  EXPECT_EQ(to_bob[0].except, "");
  EXPECT_EQ(to_alice[0].except, "device");
  EXPECT_EQ(to_bob[0].position, 1);
  EXPECT_EQ(std::get<NewMessage>(*to_bob[0].event).message, *sent);
}

TEST_F(Sending, nothing_is_told_before_the_commit) {
  tables_.hold("create");
  const auto sending = start_send(alice, message("hi"));
  world_.executor.run();
  EXPECT_TRUE(notifier_.published.empty());
  EXPECT_FALSE(*sending);
  world_.executor.enter([&] { tables_.release("create"); });
  world_.executor.run();
  EXPECT_EQ(notifier_.published.size(), 2U);
}

TEST_F(Sending, with_warm_caches_one_write_is_all_that_the_tables_see) {
  ASSERT_TRUE(send(alice, message("one")));
  auto before = tables_.calls;
  ASSERT_TRUE(send(alice, message("two")));
  ++before["create"];
  EXPECT_EQ(tables_.calls, before);
}

TEST_F(Sending, a_stranger_and_an_unknown_conversation_get_the_same_answer) {
  expect_error(send(mallory, message("hi")), Errc::conversation_not_found);
  expect_error(send(mallory, message("hi", {}, test::id<ConversationId>(404))), Errc::conversation_not_found);
  EXPECT_EQ(tables_.calls["create"], 0);
  EXPECT_EQ(connections_.asked, 0);
}

TEST_F(Sending, users_who_are_not_connected_cannot_send) {
  connections_.answer = false;
  expect_error(send(alice, message("hi")), Errc::not_connected);
  EXPECT_EQ(tables_.calls["create"], 0);
}

TEST_F(Sending, beyond_the_burst_the_refusal_says_when_to_try_again) {
  use_up_sends();
  const auto refused = send(alice, message("hi"));
  expect_error(refused, Errc::rate_limited);
  EXPECT_EQ(refused.error().retry_after, milliseconds(100));
  EXPECT_EQ(tables_.calls["find_by_client_message_id"], 0);
}

TEST_F(Sending, a_storage_failure_is_passed_on_and_told_to_nobody) {
  tables_.failures["create"] = Errc::storage_unavailable;
  expect_error(send(alice, message("hi", key(1))), Errc::storage_unavailable);
  // It may stand all the same: somebody has to look.
  EXPECT_EQ(notifier_.losses_suspected, 1);
  EXPECT_TRUE(notifier_.published.empty());
}

// --- the idempotency key

TEST_F(Sending, a_repeated_key_gets_the_first_message_again_and_is_told_to_nobody) {
  const auto first = send(alice, message("hi", key(1)));
  const auto again = send(alice, message("hi", key(1)));
  EXPECT_EQ(*again, *first);
  EXPECT_EQ(notifier_.published.size(), 2U);
  EXPECT_EQ(tables_.messages[conversation].size(), 1U);
}

TEST_F(Sending, two_sends_with_one_key_at_the_same_moment_are_one_message) {
  const auto first = start_send(alice, message("hi", key(1)));
  const auto second = start_send(alice, message("hi", key(1)));
  world_.executor.run();
  EXPECT_EQ((*first)->value(), (*second)->value());
  EXPECT_EQ(notifier_.published.size(), 2U);
}

TEST_F(Sending, a_repeated_key_with_other_content_or_conversation_is_a_mismatch) {
  const auto second = test::id<ConversationId>(2);
  tables_.add_conversation(second, UserPair(alice, user("carol")));
  ASSERT_TRUE(send(alice, message("hi", key(1))));
  expect_error(send(alice, message("ho", key(1))), Errc::idempotency_mismatch);
  expect_error(send(alice, message("hi", key(1), second)), Errc::idempotency_mismatch);
}

TEST_F(Sending, two_authors_may_use_the_same_key) {
  ASSERT_TRUE(send(alice, message("hi", key(1))));
  const auto of_bob = send(bob, message("hello", key(1)));
  EXPECT_EQ(of_bob->seq, 2);
}

TEST_F(Sending, a_stored_key_is_answered_although_the_users_are_not_connected_any_more) {
  const auto first = send(alice, message("hi", key(1)));
  connections_.answer = false;
  world_.clock.advance(seconds(30));
  EXPECT_EQ(*send(alice, message("hi", key(1))), *first);
  expect_error(send(alice, message("ho", key(1))), Errc::idempotency_mismatch);
  expect_error(send(alice, message("hi", key(2))), Errc::not_connected);
  expect_error(send(alice, message("hi")), Errc::not_connected);
}

TEST_F(Sending, a_stored_key_is_answered_although_the_rate_limit_is_used_up) {
  const auto first = send(alice, message("hi", key(1)));
  use_up_sends();
  EXPECT_EQ(*send(alice, message("hi", key(1))), *first);
  expect_error(send(alice, message("hi", key(2))), Errc::rate_limited);
}

TEST_F(Sending, a_stored_key_is_answered_although_the_connections_service_is_away) {
  const auto first = send(alice, message("hi", key(1)));
  connections_.answer = base::fail(Errc::authz_unavailable);
  world_.clock.advance(seconds(120));
  EXPECT_EQ(*send(alice, message("hi", key(1))), *first);
  expect_error(send(alice, message("hi", key(2))), Errc::authz_unavailable);
}

TEST_F(Sending, a_refusal_is_not_final_while_the_key_cannot_be_looked_up) {
  connections_.answer = false;
  tables_.failures["find_by_client_message_id"] = Errc::storage_unavailable;
  expect_error(send(alice, message("hi", key(1))), Errc::storage_unavailable);
}

TEST_F(Sending, a_flood_of_refused_keys_reads_the_tables_for_sixty_four_at_a_time) {
  use_up_sends();
  tables_.hold("find_by_client_message_id");
  std::vector<test::Outcome<Result<Message>>> outcomes;
  for (int i = 0; i < 200; ++i) outcomes.push_back(start_send(alice, message("hi", key(i))));
  EXPECT_EQ(tables_.calls["find_by_client_message_id"], 64);
  world_.executor.enter([&] { tables_.release("find_by_client_message_id"); });
  world_.executor.run();
  for (const auto& outcome : outcomes) expect_error(outcome->value(), Errc::rate_limited);
}

// --- typing

class TypingEvents : public test::MessagingServiceTest {
 protected:
  // A decision is cached and nobody was told of it.
  void decide(bool connected) {
    world_.executor.enter([&] { guard_.apply_change(test::alice_and_bob, connected); });
    world_.executor.run();
    notifier_ = {};
  }
};

TEST_F(TypingEvents, with_a_cached_yes_typing_is_relayed_to_the_peer) {
  decide(true);
  ASSERT_TRUE(type(alice));
  ASSERT_EQ(notifier_.typed.size(), 1U);
  EXPECT_EQ(notifier_.typed[0], (test::RecordingNotifier::Typing{bob, conversation, alice, true}));
  EXPECT_EQ(connections_.asked, 0);
}

TEST_F(TypingEvents, with_a_cached_no_typing_is_refused) {
  decide(false);
  expect_error(type(alice), Errc::not_connected);
  EXPECT_TRUE(notifier_.typed.empty());
}

TEST_F(TypingEvents, without_a_decision_typing_is_dropped_and_the_next_one_relayed) {
  ASSERT_TRUE(type(alice));
  EXPECT_TRUE(notifier_.typed.empty());
  EXPECT_EQ(connections_.asked, 1);
  ASSERT_TRUE(type(alice));
  EXPECT_EQ(notifier_.typed.size(), 1U);
}

TEST_F(TypingEvents, a_stranger_cannot_type) {
  expect_error(type(mallory), Errc::conversation_not_found);
  EXPECT_TRUE(notifier_.typed.empty());
}

TEST_F(TypingEvents, typing_has_a_limit_of_its_own) {
  decide(true);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(type(alice));
  expect_error(type(alice), Errc::rate_limited);
  EXPECT_TRUE(send(alice, message("hi")));
}

TEST_F(TypingEvents, a_stored_message_ends_typing_before_it_is_told) {
  decide(true);
  ASSERT_TRUE(type(alice));
  ASSERT_TRUE(send(alice, message("hi")));
  EXPECT_EQ(notifier_.order, "ttpp");
  EXPECT_FALSE(notifier_.typed.back().is_typing);
}

TEST_F(TypingEvents, a_disconnect_ends_typing) {
  decide(true);
  ASSERT_TRUE(type(alice));
  world_.executor.enter([&] { service_.user_disconnected(alice); });
  EXPECT_FALSE(notifier_.typed.back().is_typing);
}

// --- receipts

using Receipts = test::MessagingServiceTest;

TEST_F(Receipts, delivered_moves_delivered_alone_and_read_moves_both) {
  const auto one = send(alice, message("one"));
  const auto two = send(alice, message("two"));
  EXPECT_EQ(*delivered(bob, two->id), (Watermarks{2, 0}));
  world_.executor.advance(milliseconds(250));
  EXPECT_EQ(*read(bob, one->id), (Watermarks{2, 1}));
}

TEST_F(Receipts, a_message_that_was_just_sent_needs_no_read_for_its_seq) {
  const auto sent = send(alice, message("one"));
  ASSERT_TRUE(read(bob, sent->id));
  EXPECT_EQ(tables_.calls["find_seq"], 0);
}

TEST_F(Receipts, a_message_of_another_node_is_looked_up_once) {
  const auto old = test::id<MessageId>(9);
  tables_.messages[conversation].push_back({.id = old,
                                            .conversation_id = conversation,
                                            .seq = 1,
                                            .author_id = alice,
                                            .content = "old",
                                            .created_at = {},
                                            .client_message_id = {}});
  EXPECT_EQ(*delivered(bob, old), (Watermarks{1, 0}));
  world_.executor.advance(milliseconds(250));
  EXPECT_EQ(*read(bob, old), (Watermarks{1, 1}));
  EXPECT_EQ(tables_.calls["find_seq"], 1);
}

TEST_F(Receipts, a_message_that_is_not_in_the_conversation_is_a_field_error) {
  const auto elsewhere = test::id<ConversationId>(2);
  tables_.add_conversation(elsewhere, UserPair(alice, user("carol")));
  const auto sent = send(alice, message("secret", {}, elsewhere));
  ASSERT_TRUE(sent);
  expect_error(read(bob, sent->id), Errc::validation_failed, "messageId");
  expect_error(read(bob, test::id<MessageId>(404)), Errc::validation_failed, "messageId");
}

TEST_F(Receipts, a_stranger_moves_nothing) {
  const auto sent = send(alice, message("one"));
  expect_error(read(mallory, sent->id), Errc::conversation_not_found);
  expect_error(delivered(mallory, sent->id), Errc::conversation_not_found);
  EXPECT_EQ(tables_.calls["advance_watermarks"], 0);
}

TEST_F(Receipts, users_who_are_not_connected_any_more_may_still_read) {
  const auto sent = send(alice, message("one"));
  connections_.answer = false;
  world_.clock.advance(seconds(30));
  EXPECT_TRUE(read(bob, sent->id));
}

TEST_F(Receipts, receipts_have_the_limit_of_requests) {
  const auto sent = send(alice, message("one"));
  while (!rate_limiter_.try_take(bob, RateLimiter::Kind::request)) {
  }
  expect_error(read(bob, sent->id), Errc::rate_limited);
}

}  // namespace
}  // namespace messaging
