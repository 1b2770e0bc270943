#include "gateway/wire.hpp"

#include <gtest/gtest.h>

#include "gateway/fakes.hpp"

namespace gateway {
namespace {

using messaging::Conversation;
using messaging::Message;
using testing::user_id;

Message a_message() {
  return {.id = *base::MessageId::parse("0190e5f0-2222-7abc-8def-0123456789ab"),
          .conversation_id = *base::ConversationId::parse("0190E5F0-1111-7abc-8def-0123456789ab"),
          .seq = 42,
          .author_id = user_id("alice"),
          .content = "He said \"hi\"\n\xF0\x9F\x99\x82",
          .status = messaging::MessageStatus::delivered,
          .created_at = base::SystemTime(base::milliseconds(1'700'000'000'042)),
          .client_message_id = *base::ClientMessageId::parse("0190e5f0-3333-7abc-8def-0123456789ab")};
}

constexpr std::string_view message_json =
    R"({"id":"0190e5f0-2222-7abc-8def-0123456789ab","conversationId":"0190e5f0-1111-7abc-8def-0123456789ab","seq":42,)"
    R"("authorId":"alice","content":"He said \"hi\"\n)"
    "\xF0\x9F\x99\x82"
    R"(","status":"DELIVERED","createdAt":"2023-11-14T22:13:20.042Z",)"
    R"("clientMessageId":"0190e5f0-3333-7abc-8def-0123456789ab"})";

Conversation a_conversation() {
  return {.id = *base::ConversationId::parse("0190e5f0-1111-7abc-8def-0123456789ab"),
          .participants = {{{user_id("alice"), {3, 2}}, {user_id("bob"), {42, 42}}}},
          .created_at = base::SystemTime(base::milliseconds(1'700'000'000'000)),
          .last_seq = 42,
          .last_message = std::nullopt,
          .unread_count = 7,
          .can_send = false};
}

template <class Entity>
std::string json_of(const Entity& entity) {
  std::string out;
  append_json(out, entity);
  return out;
}

TEST(Wire, message_has_the_contract_members_in_order) {
  EXPECT_EQ(json_of(a_message()), message_json);
}

TEST(Wire, message_without_client_message_id_says_null) {
  auto message = a_message();
  message.client_message_id.reset();
  EXPECT_TRUE(json_of(message).ends_with(R"(,"clientMessageId":null})"));
}

TEST(Wire, conversation_has_the_contract_members_in_order) {
  const std::string head =
      R"({"id":"0190e5f0-1111-7abc-8def-0123456789ab","participants":[{"userId":"alice","deliveredSeq":3,"readSeq":2},)"
      R"({"userId":"bob","deliveredSeq":42,"readSeq":42}],"createdAt":"2023-11-14T22:13:20.000Z","lastSeq":42,"lastMessage":)";
  const std::string tail = R"(,"unreadCount":7,"canSend":false})";
  auto conversation = a_conversation();
  EXPECT_EQ(json_of(conversation), head + "null" + tail);
  conversation.last_message = a_message();
  EXPECT_EQ(json_of(conversation), head + std::string(message_json) + tail);
}

TEST(Wire, durable_events_carry_their_offset_as_last_argument) {
  EXPECT_EQ(event_json(messaging::NewMessage{a_message()}, "OFF"),
            R"(["newMessage",)" + std::string(message_json) + R"(,"OFF"])");
  EXPECT_EQ(event_json(messaging::ConversationUpdated{a_conversation()}, "OFF"),
            R"(["conversationUpdated",)" + json_of(a_conversation()) + R"(,"OFF"])");
}

TEST(Wire, message_status_is_read_when_both_watermarks_are_equal_and_else_delivered) {
  messaging::StatusMoved moved{
      .conversation_id = a_message().conversation_id, .user_id = user_id("bob"), .watermarks = {5, 5}};
  EXPECT_EQ(event_json(moved, "OFF"),
            R"(["messageStatus",{"conversationId":"0190e5f0-1111-7abc-8def-0123456789ab","userId":"bob",)"
            R"("deliveredSeq":5,"readSeq":5,"status":"READ"},"OFF"])");
  moved.watermarks = {5, 4};
  EXPECT_TRUE(event_json(moved, "OFF").ends_with(R"("deliveredSeq":5,"readSeq":4,"status":"DELIVERED"},"OFF"])"));
}

TEST(Wire, small_events) {
  EXPECT_EQ(synced_json("OFF"), R"(["synced",{"offset":"OFF"},"OFF"])");
  EXPECT_EQ(typing_json(a_message().conversation_id, user_id("bob"), true),
            R"(["typing",{"conversationId":"0190e5f0-1111-7abc-8def-0123456789ab","userId":"bob","isTyping":true}])");
  EXPECT_EQ(token_expiring_json(a_message().created_at),
            R"(["tokenExpiring",{"expiresAt":"2023-11-14T22:13:20.042Z"}])");
  EXPECT_EQ(resync_required_json(), R"(["resyncRequired",{}])");
  EXPECT_EQ(server_draining_json(base::milliseconds(1500)), R"(["serverDraining",{"reconnectInMs":1500}])");
  EXPECT_EQ(connect_error_json(base::Errc::token_expired),
            R"({"message":"unauthorized","data":{"code":"TOKEN_EXPIRED"}})");
}

TEST(Wire, exception_names_code_and_event_and_keeps_the_detail_back) {
  EXPECT_EQ(
      exception_json({.code = base::Errc::validation_failed, .detail = "secret", .field = "limit"}, "getMessages"),
      R"(["exception",{"status":"error","code":"VALIDATION_FAILED",)"
      R"("message":"the payload does not have the documented form","retryable":false,"field":"limit",)"
      R"("event":"getMessages"}])");
  EXPECT_EQ(
      exception_json({.code = base::Errc::token_expired}, {}),
      R"(["exception",{"status":"error","code":"TOKEN_EXPIRED","message":"the token has expired","retryable":false}])");
}

TEST(Wire, exception_cuts_the_name_of_an_event_that_a_client_invented) {
  const auto json = exception_json({.code = base::Errc::unknown_event}, std::string(100'000, 'x'));
  EXPECT_LT(json.size(), 300U);
}

}  // namespace
}  // namespace gateway
