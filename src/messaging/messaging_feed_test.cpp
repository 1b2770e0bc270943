#include "messaging/test_service.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::milliseconds;
using test::alice;
using test::bob;
using test::conversation;
using test::expect_error;
using test::mallory;
using test::user;

// --- conversations

class Conversations : public test::MessagingServiceTest {
 protected:
  Result<Conversation> get(UserId who, ConversationId id = conversation) {
    return world_.run([&] { return service_.get_conversation(caller(who), id); });
  }
};

TEST_F(Conversations, a_new_conversation_is_told_to_both_on_all_devices) {
  const auto opened = open(alice, user("carol"));
  ASSERT_TRUE(opened);
  for (const auto& who : {alice, user("carol")}) {
    const auto told = notifier_.of<ConversationUpdated>(who);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].except, "");
    EXPECT_EQ(told[0].position, 1);
    EXPECT_EQ(std::get<ConversationUpdated>(*told[0].event).conversation, *opened);
  }
}

TEST_F(Conversations, opening_again_from_either_side_is_the_same_and_told_to_nobody) {
  EXPECT_EQ(open(alice, bob)->id, conversation);
  EXPECT_EQ(open(bob, alice)->id, conversation);
  EXPECT_TRUE(notifier_.published.empty());
}

TEST_F(Conversations, opening_with_oneself_is_a_field_error) {
  expect_error(open(alice, alice), Errc::validation_failed, "userId");
}

TEST_F(Conversations, opening_needs_a_connection) {
  connections_.answer = false;
  expect_error(open(alice, user("carol")), Errc::not_connected);
  EXPECT_EQ(tables_.calls["find_or_create"], 0);
}

TEST_F(Conversations, opening_a_conversation_that_was_refused_before_allows_it_again) {
  const auto refused = test::id<ConversationId>(2);
  tables_.add_conversation(refused, UserPair(alice, user("carol")), false);
  EXPECT_TRUE(open(alice, user("carol"))->can_send);
  EXPECT_TRUE(tables_.can_send(refused));
  EXPECT_EQ(notifier_.of<ConversationUpdated>(alice).size(), 1U);
}

TEST_F(Conversations, a_conversation_is_shown_to_its_participants_alone) {
  EXPECT_TRUE(get(alice));
  EXPECT_TRUE(get(bob));
  expect_error(get(mallory), Errc::conversation_not_found);
  expect_error(get(mallory, test::id<ConversationId>(404)), Errc::conversation_not_found);
}

TEST_F(Conversations, the_inbox_pages_to_its_end_and_shows_the_position_of_its_snapshot) {
  for (const auto* name : {"carol", "dave", "erin"}) {
    world_.clock.advance(milliseconds(1));
    ASSERT_TRUE(open(alice, user(name)));
  }
  const auto first = inbox(alice, 3);
  ASSERT_EQ(first->conversations.size(), 3U);
  EXPECT_TRUE(first->conversations[0].participants[1].user_id == user("erin"));
  EXPECT_EQ(first->offset, tokens_.offset(alice, 3));
  ASSERT_TRUE(first->next_cursor);
  const auto second = inbox(alice, 3, first->next_cursor);
  ASSERT_EQ(second->conversations.size(), 1U);
  EXPECT_EQ(second->conversations[0].id, conversation);
  EXPECT_FALSE(second->next_cursor);
}

TEST_F(Conversations, nobody_is_asked_about_connections_for_the_inbox) {
  ASSERT_TRUE(inbox(alice));
  EXPECT_EQ(connections_.asked, 0);
}

TEST_F(Conversations, an_inbox_cursor_of_somebody_else_is_invalid) {
  ASSERT_TRUE(open(alice, user("carol")));
  const auto cursor = inbox(alice, 1)->next_cursor;
  ASSERT_TRUE(cursor);
  expect_error(inbox(bob, 1, cursor), Errc::cursor_invalid);
  expect_error(inbox(alice, 1, "nonsense"), Errc::cursor_invalid);
  expect_error(inbox(alice, 1, history(alice, {conversation, 1, {}, {}})->older_cursor.value_or("")),
               Errc::cursor_invalid);
}

TEST_F(Conversations, an_inbox_limit_outside_one_to_a_hundred_is_a_field_error) {
  expect_error(inbox(alice, 0), Errc::validation_failed, "limit");
  expect_error(inbox(alice, 101), Errc::validation_failed, "limit");
}

// --- sync

class Sync : public test::MessagingServiceTest {
 protected:
  std::string offset(Position position, UserId who = bob) { return tokens_.offset(who, position); }
};

TEST_F(Sync, from_the_start_everything_comes_in_order_with_its_offset) {
  fill(3);
  const auto page = sync(bob, offset(0));
  ASSERT_EQ(page->events.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(page->events[i].offset, offset(static_cast<Position>(i + 1)));
  EXPECT_EQ(std::get<NewMessage>(page->events[0].event).message.seq, 1);
  EXPECT_EQ(page->offset, offset(3));
  EXPECT_FALSE(page->more);
}

TEST_F(Sync, a_limited_page_ends_at_its_last_event_and_goes_on_from_there) {
  fill(5);
  const auto first = sync(bob, offset(0), 2);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->offset, offset(2));
  const auto second = sync(bob, first->offset, 3);
  EXPECT_EQ(second->events.size(), 3U);
  EXPECT_FALSE(second->more);
  EXPECT_EQ(second->offset, offset(5));
}

TEST_F(Sync, at_the_head_there_is_nothing) {
  fill(2);
  const auto page = sync(bob, offset(2));
  EXPECT_TRUE(page->events.empty());
  EXPECT_EQ(page->offset, offset(2));
  EXPECT_FALSE(page->more);
}

TEST_F(Sync, an_offset_that_cannot_be_continued_from_requires_a_resync) {
  fill(2);
  expect_error(sync(bob, "nonsense"), Errc::resync_required);
  expect_error(sync(bob, ""), Errc::resync_required);
  expect_error(sync(bob, offset(1, alice)), Errc::resync_required);
  expect_error(sync(bob, offset(3)), Errc::resync_required);
  const OpaqueTokens other_epoch(ServiceState{.epoch = 2});
  expect_error(sync(bob, other_epoch.offset(bob, 1)), Errc::resync_required);
}

TEST_F(Sync, a_limit_outside_one_to_a_thousand_is_a_field_error) {
  expect_error(sync(bob, offset(0), 0), Errc::validation_failed, "limit");
  expect_error(sync(bob, offset(0), 1001), Errc::validation_failed, "limit");
}

TEST_F(Sync, a_stranger_to_all_conversations_has_an_empty_feed) {
  fill(2);
  EXPECT_TRUE(sync(mallory, offset(0, mallory))->events.empty());
}

// --- ending

using Stopping = test::MessagingServiceTest;

TEST_F(Stopping, stop_waits_for_receipts_and_leaves_no_timer_behind) {
  const auto one = send(alice, message("one"));
  world_.executor.enter([&] { guard_.apply_change(test::alice_and_bob, true); });
  ASSERT_TRUE(type(alice));
  ASSERT_TRUE(delivered(bob, one->id));
  const auto waiting = world_.start([&] { return service_.mark_read(caller(bob), conversation, one->id); });
  bool stopped = false;
  world_.executor.enter([&] { service_.stop([&] { stopped = true; }); });
  world_.executor.run();
  EXPECT_FALSE(stopped);
  world_.executor.advance(2 * milliseconds(250));
  EXPECT_TRUE(stopped);
  EXPECT_EQ((*waiting)->value(), (Watermarks{1, 1}));
  const auto told = notifier_.typed.size();
  world_.executor.advance(base::seconds(10));
  EXPECT_EQ(notifier_.typed.size(), told);
}

}  // namespace
}  // namespace messaging
