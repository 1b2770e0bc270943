#include "gateway/messaging_gateway.hpp"

#include "gateway/gateway_fixture.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using testing::Client;
using testing::user_id;

constexpr auto unknown_id = "0190e5f0-1111-7abc-8def-0123456789ab";

class MessagingGatewayTest : public testing::GatewayFixture {
 protected:
  MessagingGatewayTest() { forget(); }
  // What both were sent so far.
  void forget() {
    static_cast<void>(alice->take_sent());
    static_cast<void>(bob->take_sent());
  }
  static std::string in(const std::string& conversation, const std::string& more = {}) {
    return R"({"conversationId":")" + conversation + '"' + more + '}';
  }
  std::string send(const Client& client, const std::string& conversation, const std::string& content) {
    return ask(client, "sendMessage", in(conversation, R"(,"content":")" + content + '"'));
  }

  Client alice = connect("alice");
  Client bob = connect("bob");
};

TEST_F(MessagingGatewayTest, message_is_acked_and_told_to_the_peer_and_the_own_other_devices_only) {
  const auto tablet = connect("alice");
  const auto conversation = open(alice, "bob");
  forget();
  static_cast<void>(tablet->take_sent());
  const auto ack = send(alice, conversation, "hi");
  EXPECT_EQ(member(ack, "content"), "hi");
  EXPECT_EQ(member(ack, "status"), "SENT");
  EXPECT_EQ(alice->take_sent(), std::vector<std::string>());
  for (const auto& [client, user] : {std::pair(bob, "bob"), std::pair(tablet, "alice")}) {
    const auto sent = client->take_sent();
    ASSERT_EQ(sent.size(), 1U) << user;
    EXPECT_TRUE(sent[0].starts_with("2[\"newMessage\",{\"id\":\"" + member(ack, "id"))) << sent[0];
    EXPECT_EQ(position_of(user, sent[0]), 2) << user;
  }
}

TEST_F(MessagingGatewayTest, conversation_is_told_to_both_when_it_is_opened) {
  const auto ack = ask(alice, "openConversation", R"({"userId":"bob"})");
  const auto told = bob->take_sent();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].starts_with("2[\"conversationUpdated\",{\"id\":\"" + member(ack, "id")));
  EXPECT_EQ(member(ask(bob, "openConversation", R"({"userId":"alice"})"), "id"), member(ack, "id"));
}

TEST_F(MessagingGatewayTest, receipts_are_acked_as_stored_and_told_to_the_author) {
  const auto conversation = open(alice, "bob");
  const auto message = member(send(alice, conversation, "hi"), "id");
  forget();
  const auto receipt = in(conversation, R"(,"messageId":")" + message + '"');
  EXPECT_EQ(ask(bob, "messageDelivered", receipt), R"([{"ok":true,"data":{"deliveredSeq":1,"readSeq":0}}])");
  EXPECT_EQ(member(alice->take_sent().back(), "status"), "DELIVERED");
  executor.advance(base::seconds(1));
  EXPECT_EQ(ask(bob, "messageRead", receipt), R"([{"ok":true,"data":{"deliveredSeq":1,"readSeq":1}}])");
  EXPECT_EQ(member(alice->take_sent().back(), "status"), "READ");
}

TEST_F(MessagingGatewayTest, history_inbox_and_sync_show_what_was_sent) {
  const auto conversation = open(alice, "bob");
  send(alice, conversation, "hi");
  EXPECT_EQ(member(ask(bob, "getMessages", in(conversation)), "content"), "hi");
  const auto inbox = ask(bob, "getConversations", "{}");
  EXPECT_EQ(member(inbox, "content"), "hi");
  EXPECT_EQ(tokens.read_offset(user_id("bob"), member(inbox, "offset")), 2);
  const auto since = tokens.offset(user_id("bob"), 1);
  EXPECT_EQ(member(ask(bob, "sync", R"({"since":")" + since + "\"}"), "event"), "newMessage");
  EXPECT_EQ(code_of(ask(bob, "sync", R"({"since":"nonsense"})")), "RESYNC_REQUIRED");
}

TEST_F(MessagingGatewayTest, typing_is_told_to_the_peer_and_ends_with_the_last_device) {
  const auto conversation = open(alice, "bob");
  EXPECT_EQ(ask(alice, "typing", in(conversation)), R"([{"ok":true,"data":{}}])");
  ASSERT_EQ(adapter.broadcasts.size(), 1U);
  EXPECT_EQ(adapter.broadcasts[0].second.rooms, std::vector<std::string>({"user:bob"}));
  disconnect(alice);
  ASSERT_EQ(adapter.broadcasts.size(), 2U);
  EXPECT_TRUE(adapter.broadcasts[1].first.ends_with(R"("isTyping":false}])"));
}

TEST_F(MessagingGatewayTest, every_guarded_event_hides_the_conversations_of_others) {
  const auto conversation = open(alice, "bob");
  const auto message = member(send(alice, conversation, "hi"), "id");
  const auto mallory = connect("mallory");
  const auto payload = [&](const std::string& id) { return in(id, R"(,"content":"x","messageId":")" + message + '"'); };
  for (const auto& [event, guard] : MessagingGateway::events()) {
    if (guard == Guard::self || event == "openConversation") continue;
    const auto theirs = ask(mallory, std::string(event), payload(conversation));
    EXPECT_EQ(code_of(theirs), "CONVERSATION_NOT_FOUND") << event;
    EXPECT_EQ(theirs, ask(mallory, std::string(event), payload(unknown_id))) << event;
  }
}

TEST_F(MessagingGatewayTest, connection_is_required_for_writing_and_not_for_reading) {
  const auto conversation = open(alice, "bob");
  const auto message = member(send(alice, conversation, "hi"), "id");
  connections.strangers.insert({user_id("alice"), user_id("bob")});
  executor.advance(base::seconds(31));
  const auto payload = in(conversation, R"(,"content":"x","messageId":")" + message + '"');
  for (const auto& [event, guard] : MessagingGateway::events()) {
    if (guard == Guard::self || event == "openConversation") continue;
    const bool writes = guard == Guard::connection || guard == Guard::cached_decision;
    EXPECT_EQ(code_of(ask(bob, std::string(event), payload)), writes ? "NOT_CONNECTED" : "") << event;
    // The second of two receipts is written a quarter of a second after the first.
    executor.advance(base::seconds(1));
  }
}

TEST_F(MessagingGatewayTest, payload_that_is_no_object_is_refused_for_every_event) {
  for (const auto& [event, guard] : MessagingGateway::events()) {
    for (const auto* payload : {"", "null", "[]", "\"text\"", "5"}) {
      const auto ack = ask(alice, std::string(event), payload);
      EXPECT_EQ(code_of(ack), "VALIDATION_FAILED") << event << payload;
      EXPECT_EQ(member(ack, "field"), "") << event << payload;
    }
  }
}

TEST_F(MessagingGatewayTest, wrong_member_is_named) {
  EXPECT_EQ(member(ask(alice, "getMessages", in(unknown_id, R"(,"limit":0)")), "field"), "limit");
  EXPECT_EQ(member(ask(alice, "openConversation", R"({"userId":"alice"})"), "field"), "userId");
}

TEST_F(MessagingGatewayTest, unknown_event_is_refused_with_and_without_an_ack) {
  EXPECT_EQ(code_of(ask(alice, "nonsense", "{}")), "UNKNOWN_EVENT");
  EXPECT_EQ(emit(alice, "nonsense", "{}"),
            std::vector<std::string>({"2" + exception_json({.code = base::Errc::unknown_event}, "nonsense")}));
}

TEST_F(MessagingGatewayTest, event_without_an_ack_is_answered_only_where_it_fails) {
  const auto conversation = open(alice, "bob");
  forget();
  EXPECT_EQ(emit(alice, "sendMessage", in(conversation, R"(,"content":"hi")")), std::vector<std::string>());
  EXPECT_EQ(bob->take_sent().size(), 1U);
  const auto sent = emit(alice, "getMessages", in(unknown_id));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0], "2" + exception_json({.code = base::Errc::conversation_not_found}, "getMessages"));
}

TEST_F(MessagingGatewayTest, unanswered_events_of_one_socket_are_bounded) {
  const auto conversation = open(alice, "bob");
  executor.advance(base::seconds(31));
  forget();
  connections.is_slow = true;
  const auto payload = in(conversation, R"(,"content":"hi")");
  for (socketio::AckId id = 1; id <= 4; ++id) EXPECT_TRUE(emit_with(alice, "sendMessage", payload, id).empty());
  EXPECT_EQ(code_of(ask(alice, "sendMessage", payload)), "OVERLOADED");
  connections.is_slow = false;
  executor.enter([&] {
    for (auto& waiting : std::exchange(connections.waiting, {})) waiting(true);
  });
  executor.run();
  EXPECT_EQ(alice->take_sent().size(), 4U) << "each of the four is acked once";
  EXPECT_EQ(code_of(ask(alice, "sendMessage", payload)), "");
}

TEST_F(MessagingGatewayTest, message_of_a_client_that_left_meanwhile_is_stored_and_told) {
  const auto conversation = open(alice, "bob");
  executor.advance(base::seconds(31));
  forget();
  connections.is_slow = true;
  static_cast<void>(emit(alice, "sendMessage", in(conversation, R"(,"content":"hi")")));
  disconnect(alice);
  connections.is_slow = false;
  executor.enter([&] {
    for (auto& waiting : std::exchange(connections.waiting, {})) waiting(true);
  });
  executor.run();
  EXPECT_EQ(bob->take_sent().size(), 1U);
  EXPECT_EQ(alice->take_sent(), std::vector<std::string>());
}

TEST_F(MessagingGatewayTest, refreshed_token_extends_the_connection) {
  const auto expires_at = clock.system_now() + base::seconds(7200);
  const auto token = token_of("alice", base::seconds(7200));
  EXPECT_EQ(ask(alice, "refreshToken", R"({"token":")" + token + "\"}"),
            R"([{"ok":true,"data":{"expiresAt":")" + base::to_iso8601(expires_at) + R"("}}])");
  executor.advance(base::seconds(3700));
  EXPECT_FALSE(alice->socket->transport_closed);
  EXPECT_TRUE(bob->socket->transport_closed);
}

TEST_F(MessagingGatewayTest, refused_token_leaves_the_old_one_in_place) {
  const auto expired = token_of("alice", base::seconds(10));
  executor.advance(base::seconds(60));
  EXPECT_EQ(code_of(ask(alice, "refreshToken", R"({"token":")" + expired + "\"}")), "TOKEN_EXPIRED");
  EXPECT_EQ(code_of(ask(alice, "refreshToken", R"({"token":")" + token_of("bob") + "\"}")), "UNAUTHENTICATED");
  EXPECT_EQ(code_of(ask(alice, "refreshToken", R"({"token":"x"})")), "UNAUTHENTICATED");
  EXPECT_EQ(code_of(ask(alice, "getConversations", "{}")), "");
  EXPECT_FALSE(alice->socket->transport_closed);
}

TEST_F(MessagingGatewayTest, draining_is_announced_to_every_client_and_serves_on) {
  gateway.begin_drain(base::milliseconds(2500));
  executor.run();
  EXPECT_EQ(alice->take_sent(), std::vector<std::string>({R"(2["serverDraining",{"reconnectInMs":2500}])"}));
  EXPECT_EQ(bob->take_sent().size(), 1U);
  EXPECT_EQ(code_of(ask(alice, "getConversations", "{}")), "");
}

TEST_F(MessagingGatewayTest, stop_waits_for_the_handlers) {
  connections.is_slow = true;
  static_cast<void>(emit(alice, "openConversation", R"({"userId":"bob"})"));
  bool stopped = false;
  gateway.stop([&] { stopped = true; });
  EXPECT_FALSE(stopped);
  executor.enter([&] {
    for (auto& waiting : std::exchange(connections.waiting, {})) waiting(true);
  });
  executor.run();
  EXPECT_TRUE(stopped);
}

TEST_F(MessagingGatewayTest, attachments_are_not_accepted) {
  EXPECT_FALSE(handlers.accepts_binary);
}

}  // namespace
}  // namespace gateway
