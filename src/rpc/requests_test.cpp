#include "rpc/requests.hpp"

#include <gtest/gtest.h>

#include "messaging/v1/messaging.pb.h"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::Errc;

constexpr const char* uuid = "0198F0A0-0000-7000-8000-0000000000C1";
constexpr const char* same_uuid = "0198f0a0-0000-7000-8000-0000000000c1";

template <class T>
void expect_refused(const base::Result<T>& result, std::string_view field, Errc code = Errc::validation_failed) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().field, field);
}

v1::GetMessageHistoryRequest history(int limit = 0, const char* cursor = "", const char* around = "") {
  v1::GetMessageHistoryRequest request;
  request.set_conversation_id(uuid);
  request.set_limit(limit);
  request.set_cursor(cursor);
  request.set_around_message_id(around);
  return request;
}

v1::SendMessageRequest send(const std::string& content, const char* client_message_id = "") {
  v1::SendMessageRequest request;
  request.set_conversation_id(uuid);
  request.set_content(content);
  request.set_client_message_id(client_message_id);
  return request;
}

TEST(HistoryRequest, what_is_not_given_has_its_default) {
  const auto query = read_request(history());
  ASSERT_TRUE(query);
  EXPECT_EQ(query->conversation_id.to_string(), same_uuid);
  EXPECT_EQ(query->limit, 50);
  EXPECT_FALSE(query->cursor);
  EXPECT_FALSE(query->around);
}

TEST(HistoryRequest, what_is_given_is_read) {
  const auto by_cursor = read_request(history(7, "cursor"));
  ASSERT_TRUE(by_cursor);
  EXPECT_EQ(by_cursor->limit, 7);
  EXPECT_EQ(by_cursor->cursor, "cursor");
  const auto around = read_request(history(100, "", uuid));
  ASSERT_TRUE(around);
  EXPECT_EQ(around->around->to_string(), same_uuid);
}

TEST(HistoryRequest, another_form_is_refused_by_field) {
  expect_refused(read_request(v1::GetMessageHistoryRequest()), "conversationId");
  expect_refused(read_request(history(101)), "limit");
  expect_refused(read_request(history(-1)), "limit");
  expect_refused(read_request(history(0, "", "7")), "around");
  expect_refused(read_request(history(0, "cursor", uuid)), "cursor");
}

TEST(InboxRequest, the_limit_lies_between_1_and_100_with_20_as_its_default) {
  v1::ListConversationsRequest request;
  EXPECT_EQ(read_request(request)->limit, 20);
  EXPECT_FALSE(read_request(request)->cursor);
  for (const int good : {1, 100}) {
    request.set_limit(good);
    EXPECT_EQ(read_request(request)->limit, good);
  }
  for (const int bad : {-1, 101, INT32_MAX, INT32_MIN}) {
    request.set_limit(bad);
    expect_refused(read_request(request), "limit");
  }
}

TEST(SendRequest, a_client_message_id_is_optional) {
  const auto without = read_request(send("hello"));
  ASSERT_TRUE(without);
  EXPECT_EQ(without->content, "hello");
  EXPECT_FALSE(without->client_message_id);
  EXPECT_EQ(read_request(send("hello", uuid))->client_message_id->to_string(), same_uuid);
}

TEST(SendRequest, another_form_is_refused_by_field) {
  v1::SendMessageRequest without_conversation;
  without_conversation.set_content("hello");
  expect_refused(read_request(without_conversation), "conversationId");
  expect_refused(read_request(send("hello", "7")), "clientMessageId");
  expect_refused(read_request(send("")), "content");
  expect_refused(read_request(send(std::string(5001, 'x'))), "content");
  expect_refused(read_request(send(std::string("a\0b", 3))), "", Errc::invalid_content);
}

TEST(OtherRequests, ids_are_required) {
  expect_refused(read_request(v1::GetConversationRequest()), "conversationId");
  expect_refused(read_request(v1::OpenConversationRequest()), "userId");
  v1::OpenConversationRequest spaced;
  spaced.set_user_id("two words");
  expect_refused(read_request(spaced), "userId");
  v1::MarkReadRequest receipt;
  expect_refused(read_request(receipt), "conversationId");
  receipt.set_conversation_id(uuid);
  expect_refused(read_request(receipt), "messageId");
  receipt.set_message_id(uuid);
  EXPECT_EQ(read_request(receipt)->message_id.to_string(), same_uuid);
  expect_refused(read_request(v1::SyncRequest()), "since");
}

}  // namespace
}  // namespace rpc
