#include "rpc/wire.hpp"

#include <gtest/gtest.h>

#include "messaging/v1/messaging.pb.h"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::milliseconds;
using messaging::MessageStatus;

const auto alice = *base::UserId::parse("alice");
const auto bob = *base::UserId::parse("bob");
const auto conversation_id = *base::ConversationId::parse("0198f0a0-0000-7000-8000-0000000000c1");
const auto message_id = *base::MessageId::parse("0198f0a0-0000-7000-8000-0000000000a1");

messaging::Message message() {
  return {.id = message_id,
          .conversation_id = conversation_id,
          .seq = 5,
          .author_id = alice,
          .content = "grüß dich",
          .status = MessageStatus::delivered,
          .created_at = base::SystemTime(milliseconds(1'700'000'000'042)),
          .client_message_id = *base::ClientMessageId::parse("0198f0a0-0000-7000-8000-0000000000d1")};
}

messaging::Conversation conversation() {
  return {.id = conversation_id,
          .participants = {messaging::Participant{.user_id = alice, .watermarks = {.delivered_seq = 4, .read_seq = 3}},
                           messaging::Participant{.user_id = bob, .watermarks = {.delivered_seq = 2, .read_seq = 1}}},
          .created_at = base::SystemTime(milliseconds(1'600'000'000'000)),
          .last_seq = 5,
          .last_message = std::nullopt,
          .unread_count = 2,
          .can_send = false};
}

TEST(Wire, a_message_keeps_every_field) {
  v1::Message out;
  to_wire(message(), out);
  EXPECT_EQ(out.id(), message_id.to_string());
  EXPECT_EQ(out.conversation_id(), conversation_id.to_string());
  EXPECT_EQ(out.seq(), 5);
  EXPECT_EQ(out.author_id(), "alice");
  EXPECT_EQ(out.content(), "grüß dich");
  EXPECT_EQ(out.status(), v1::MESSAGE_STATUS_DELIVERED);
  EXPECT_EQ(out.created_at().seconds(), 1'700'000'000);
  EXPECT_EQ(out.created_at().nanos(), 42'000'000);
  EXPECT_EQ(out.client_message_id(), "0198f0a0-0000-7000-8000-0000000000d1");
}

TEST(Wire, each_status_has_its_value) {
  for (const auto& [status, value] : {std::pair(MessageStatus::sent, v1::MESSAGE_STATUS_SENT),
                                      std::pair(MessageStatus::delivered, v1::MESSAGE_STATUS_DELIVERED),
                                      std::pair(MessageStatus::read, v1::MESSAGE_STATUS_READ)}) {
    auto given = message();
    given.status = status;
    v1::Message out;
    to_wire(given, out);
    EXPECT_EQ(out.status(), value);
  }
}

TEST(Wire, a_conversation_keeps_every_field) {
  auto given = conversation();
  given.last_message = message();
  v1::Conversation out;
  to_wire(given, out);
  EXPECT_EQ(out.id(), conversation_id.to_string());
  ASSERT_EQ(out.participants_size(), 2);
  EXPECT_EQ(out.participants(0).user_id(), "alice");
  EXPECT_EQ(out.participants(0).delivered_seq(), 4);
  EXPECT_EQ(out.participants(0).read_seq(), 3);
  EXPECT_EQ(out.participants(1).user_id(), "bob");
  EXPECT_EQ(out.created_at().seconds(), 1'600'000'000);
  EXPECT_EQ(out.last_seq(), 5);
  EXPECT_EQ(out.last_message().content(), "grüß dich");
  EXPECT_EQ(out.unread_count(), 2);
  EXPECT_FALSE(out.can_send());
}

TEST(Wire, an_empty_conversation_has_no_last_message) {
  v1::Conversation out;
  to_wire(conversation(), out);
  EXPECT_FALSE(out.has_last_message());
}

TEST(Wire, a_cursor_that_is_not_there_is_empty) {
  v1::GetMessageHistoryResponse history;
  to_wire(messaging::MessageHistory{.messages = {message()}, .older_cursor = "older", .newer_cursor = std::nullopt},
          history);
  EXPECT_EQ(history.messages_size(), 1);
  EXPECT_EQ(history.older_cursor(), "older");
  EXPECT_EQ(history.newer_cursor(), "");

  v1::ListConversationsResponse inbox;
  to_wire(messaging::Inbox{.conversations = {conversation()}, .next_cursor = "next", .offset = "offset"}, inbox);
  EXPECT_EQ(inbox.conversations_size(), 1);
  EXPECT_EQ(inbox.next_cursor(), "next");
  EXPECT_EQ(inbox.offset(), "offset");
}

TEST(Wire, each_kind_of_event_has_its_field) {
  v1::SyncEvent new_message;
  to_wire({.event = messaging::NewMessage{message()}, .offset = "o1"}, new_message);
  EXPECT_EQ(new_message.offset(), "o1");
  EXPECT_EQ(new_message.new_message().seq(), 5);

  v1::SyncEvent updated;
  to_wire({.event = messaging::ConversationUpdated{conversation()}, .offset = "o2"}, updated);
  EXPECT_EQ(updated.conversation_updated().id(), conversation_id.to_string());
}

TEST(Wire, a_receipt_is_read_where_both_watermarks_are_equal) {
  const auto status_of = [](messaging::Watermarks watermarks) {
    v1::SyncEvent out;
    to_wire(
        {.event = messaging::StatusMoved{.conversation_id = conversation_id, .user_id = bob, .watermarks = watermarks},
         .offset = "o"},
        out);
    EXPECT_EQ(out.message_status().conversation_id(), conversation_id.to_string());
    EXPECT_EQ(out.message_status().user_id(), "bob");
    EXPECT_EQ(out.message_status().delivered_seq(), watermarks.delivered_seq);
    EXPECT_EQ(out.message_status().read_seq(), watermarks.read_seq);
    return out.message_status().status();
  };
  EXPECT_EQ(status_of({.delivered_seq = 5, .read_seq = 5}), v1::MESSAGE_STATUS_READ);
  EXPECT_EQ(status_of({.delivered_seq = 5, .read_seq = 4}), v1::MESSAGE_STATUS_DELIVERED);
}

}  // namespace
}  // namespace rpc
