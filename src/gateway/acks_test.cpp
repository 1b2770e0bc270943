#include "gateway/acks.hpp"

#include <gtest/gtest.h>

#include "gateway/fakes.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using testing::user_id;

messaging::Message a_message() {
  messaging::Message message;
  message.seq = 1;
  message.author_id = user_id("alice");
  message.content = "hi";
  return message;
}

std::string json_of_a_message() {
  std::string out;
  append_json(out, a_message());
  return out;
}

TEST(Acks, entities_stand_in_data) {
  EXPECT_EQ(ack_json(a_message()), R"([{"ok":true,"data":)" + json_of_a_message() + "}]");
  EXPECT_EQ(ack_json(messaging::Watermarks{7, 5}), R"([{"ok":true,"data":{"deliveredSeq":7,"readSeq":5}}])");
  EXPECT_EQ(empty_ack_json(), R"([{"ok":true,"data":{}}])");
  EXPECT_EQ(expires_at_ack_json(base::SystemTime(base::milliseconds(1'700'000'000'042))),
            R"([{"ok":true,"data":{"expiresAt":"2023-11-14T22:13:20.042Z"}}])");
}

TEST(Acks, history_shows_cursors_or_null) {
  EXPECT_EQ(ack_json(messaging::MessageHistory{}),
            R"([{"ok":true,"data":{"messages":[],"olderCursor":null,"newerCursor":null}}])");
  const messaging::MessageHistory history{{a_message(), a_message()}, "OLD", "NEW"};
  EXPECT_EQ(ack_json(history), R"([{"ok":true,"data":{"messages":[)" + json_of_a_message() + "," + json_of_a_message() +
                                   R"(],"olderCursor":"OLD","newerCursor":"NEW"}}])");
}

TEST(Acks, inbox_shows_the_offset_of_its_page) {
  EXPECT_EQ(ack_json(messaging::Inbox{.conversations = {}, .next_cursor = std::nullopt, .offset = "OFF"}),
            R"([{"ok":true,"data":{"conversations":[],"nextCursor":null,"offset":"OFF"}}])");
}

TEST(Acks, sync_lists_events_with_their_offsets) {
  messaging::SyncPage page{.events = {}, .offset = "O2", .more = true};
  page.events.push_back({messaging::NewMessage{a_message()}, "O1"});
  page.events.push_back(
      {messaging::StatusMoved{.conversation_id = {}, .user_id = user_id("bob"), .watermarks = {1, 1}}, "O2"});
  EXPECT_EQ(
      ack_json(page),
      R"([{"ok":true,"data":{"events":[{"event":"newMessage","data":)" + json_of_a_message() +
          R"(,"offset":"O1"},{"event":"messageStatus","data":{"conversationId":)"
          R"("00000000-0000-0000-0000-000000000000","userId":"bob","deliveredSeq":1,"readSeq":1,"status":"READ"},)"
          R"("offset":"O2"}],"offset":"O2","more":true}}])");
}

TEST(Acks, errors_show_what_is_known_and_keep_the_detail_back) {
  EXPECT_EQ(
      error_ack_json({.code = base::Errc::rate_limited, .detail = "secret", .retry_after = base::milliseconds(250)}),
      R"([{"ok":false,"error":{"code":"RATE_LIMITED","message":"too many requests; try again later",)"
      R"("retryable":true,"retryAfterMs":250}}])");
  EXPECT_EQ(
      error_ack_json({.code = base::Errc::validation_failed, .field = "content"}),
      R"([{"ok":false,"error":{"code":"VALIDATION_FAILED","message":"the payload does not have the documented form",)"
      R"("retryable":false,"field":"content"}}])");
}

}  // namespace
}  // namespace gateway
