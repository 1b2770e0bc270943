#include "messaging/test_service.hpp"

namespace messaging {
namespace {

using base::Errc;
using test::alice;
using test::bob;
using test::conversation;
using test::expect_error;
using test::mallory;

class History : public test::MessagingServiceTest {
 protected:
  static HistoryQuery newest(int limit) { return {conversation, limit, {}, {}}; }
  static HistoryQuery at(std::optional<std::string> cursor, int limit) {
    return {conversation, limit, std::move(cursor), {}};
  }
  HistoryQuery around(Seq seq, int limit) {
    return {conversation, limit, {}, tables_.messages[conversation][static_cast<std::size_t>(seq - 1)].id};
  }

  // "3-7" for a page from seq 3 to 7, "-" for an empty one, with < where something older and > where something newer is
  // offered.
  static std::string shape(const Result<MessageHistory>& page) {
    if (!page) return std::string(base::to_string(page.error().code));
    const auto& messages = page->messages;
    for (std::size_t i = 1; i < messages.size(); ++i) EXPECT_EQ(messages[i].seq, messages[i - 1].seq + 1);
    std::string text = page->older_cursor ? "<" : "";
    if (!messages.empty()) text += std::to_string(messages.front().seq);
    text += "-";
    if (!messages.empty()) text += std::to_string(messages.back().seq);
    return text + (page->newer_cursor ? ">" : "");
  }
};

TEST_F(History, an_empty_conversation_has_an_empty_page_without_cursors) {
  EXPECT_EQ(shape(history(bob, newest(10))), "-");
}

TEST_F(History, the_newest_page_has_nothing_newer) {
  fill(10);
  EXPECT_EQ(shape(history(bob, newest(3))), "<8-10");
}

TEST_F(History, a_page_that_holds_all_has_no_cursors) {
  fill(3);
  EXPECT_EQ(shape(history(bob, newest(3))), "1-3");
  EXPECT_EQ(shape(history(bob, newest(100))), "1-3");
}

TEST_F(History, pages_lead_back_to_the_first_message_and_forward_to_the_last) {
  fill(7);
  auto page = history(bob, newest(3));
  EXPECT_EQ(shape(page), "<5-7");
  page = history(bob, at(page->older_cursor, 3));
  EXPECT_EQ(shape(page), "<2-4>");
  page = history(bob, at(page->older_cursor, 3));
  EXPECT_EQ(shape(page), "1-1>");
  page = history(bob, at(page->newer_cursor, 3));
  EXPECT_EQ(shape(page), "<2-4>");
  page = history(bob, at(page->newer_cursor, 3));
  EXPECT_EQ(shape(page), "<5-7");
}

TEST_F(History, a_page_that_ends_exactly_at_the_first_message_offers_nothing_older) {
  fill(6);
  auto page = history(bob, newest(3));
  page = history(bob, at(page->older_cursor, 3));
  EXPECT_EQ(shape(page), "1-3>");
}

TEST_F(History, a_cursor_forward_finds_what_was_sent_since) {
  fill(4);
  auto page = history(bob, newest(2));
  page = history(bob, at(page->older_cursor, 2));
  EXPECT_EQ(shape(page), "1-2>");
  const auto forward = page->newer_cursor;
  fill(1);
  EXPECT_EQ(shape(history(bob, at(forward, 2))), "<3-4>");
  EXPECT_EQ(shape(history(bob, at(forward, 3))), "<3-5");
}

TEST_F(History, around_puts_the_message_in_the_middle) {
  fill(20);
  EXPECT_EQ(shape(history(bob, around(10, 5))), "<8-12>");
  EXPECT_EQ(shape(history(bob, around(10, 4))), "<8-11>");
  EXPECT_EQ(shape(history(bob, around(10, 1))), "<10-10>");
}

TEST_F(History, around_tops_up_from_the_newer_side_near_the_beginning) {
  fill(20);
  EXPECT_EQ(shape(history(bob, around(1, 5))), "1-5>");
  EXPECT_EQ(shape(history(bob, around(2, 5))), "1-5>");
  EXPECT_EQ(shape(history(bob, around(3, 5))), "1-5>");
  EXPECT_EQ(shape(history(bob, around(4, 5))), "<2-6>");
}

TEST_F(History, around_tops_up_from_the_older_side_near_the_end) {
  fill(20);
  EXPECT_EQ(shape(history(bob, around(20, 5))), "<16-20");
  EXPECT_EQ(shape(history(bob, around(19, 5))), "<16-20");
  EXPECT_EQ(shape(history(bob, around(18, 5))), "<16-20");
  EXPECT_EQ(shape(history(bob, around(17, 5))), "<15-19>");
}

TEST_F(History, around_in_a_conversation_that_is_shorter_than_the_limit_shows_all) {
  fill(3);
  for (Seq seq = 1; seq <= 3; ++seq) EXPECT_EQ(shape(history(bob, around(seq, 10))), "1-3");
}

TEST_F(History, pages_go_on_from_around_in_both_directions) {
  fill(20);
  const auto page = history(bob, around(10, 5));
  EXPECT_EQ(shape(history(bob, at(page->older_cursor, 5))), "<3-7>");
  EXPECT_EQ(shape(history(bob, at(page->newer_cursor, 5))), "<13-17>");
}

TEST_F(History, around_a_message_of_elsewhere_is_a_field_error) {
  const auto elsewhere = test::id<ConversationId>(2);
  tables_.add_conversation(elsewhere, UserPair(alice, test::user("carol")));
  const auto secret = send(alice, message("secret", {}, elsewhere));
  ASSERT_TRUE(secret);
  expect_error(history(bob, {conversation, 5, {}, secret->id}), Errc::validation_failed, "around");
}

TEST_F(History, a_cursor_beside_around_is_a_field_error) {
  fill(2);
  auto query = around(1, 5);
  query.cursor = history(bob, newest(1))->older_cursor;
  expect_error(history(bob, query), Errc::validation_failed, "cursor");
}

TEST_F(History, a_limit_outside_one_to_a_hundred_is_a_field_error) {
  expect_error(history(bob, newest(0)), Errc::validation_failed, "limit");
  expect_error(history(bob, newest(101)), Errc::validation_failed, "limit");
  EXPECT_TRUE(history(bob, newest(100)));
}

TEST_F(History, a_cursor_of_the_other_participant_or_another_conversation_is_invalid) {
  const auto elsewhere = test::id<ConversationId>(2);
  tables_.add_conversation(elsewhere, test::alice_and_bob);
  fill(4);
  const auto cursor = history(bob, newest(2))->older_cursor;
  expect_error(history(alice, at(cursor, 2)), Errc::cursor_invalid);
  expect_error(history(bob, {elsewhere, 2, cursor, {}}), Errc::cursor_invalid);
  expect_error(history(bob, at("nonsense", 2)), Errc::cursor_invalid);
}

TEST_F(History, a_stranger_sees_nothing_even_with_a_good_cursor) {
  fill(4);
  const auto cursor = history(bob, newest(2))->older_cursor;
  expect_error(history(mallory, newest(2)), Errc::conversation_not_found);
  expect_error(history(mallory, at(cursor, 2)), Errc::conversation_not_found);
  expect_error(history(mallory, around(1, 2)), Errc::conversation_not_found);
}

TEST_F(History, users_who_are_not_connected_any_more_keep_their_history) {
  fill(2);
  connections_.answer = false;
  world_.clock.advance(base::seconds(30));
  EXPECT_EQ(shape(history(bob, newest(2))), "1-2");
  EXPECT_EQ(connections_.asked, 1);
}

TEST_F(History, a_storage_failure_is_passed_on_at_every_read) {
  fill(20);
  const auto near_end = around(20, 5);
  tables_.failures["find_many_by_conversation"] = Errc::storage_unavailable;
  expect_error(history(bob, newest(2)), Errc::storage_unavailable);
  expect_error(history(bob, near_end), Errc::storage_unavailable);
}

}  // namespace
}  // namespace messaging
