// What sessions do on either transport, through a real listener.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/server_test_support.hpp"

namespace engineio {
namespace {

using testing::StartsWith;

constexpr std::string_view session_unknown = R"({"code":1,"message":"Session ID unknown"})";

// --- Polling

TEST(Polling, PayloadOfSeveralPackets_ComesBackAsOne) {
  EchoServer server;
  const auto target = open_polling(server.port());
  const auto posted = post(server.port(), target,
                           "4test1\x1e"
                           "4test2\x1e"
                           "bAQIDBA==\x1e"
                           "4test3");
  EXPECT_EQ(posted.status, 200U);
  EXPECT_EQ(posted.body, "ok");
  EXPECT_TRUE(posted.has_header("Content-Type: text/html"));
  const auto polled = get(server.port(), target);
  EXPECT_EQ(polled.body,
            "4test1\x1e"
            "4test2\x1e"
            "bAQIDBA==\x1e"
            "4test3");
  EXPECT_TRUE(polled.has_header("Content-Type: text/plain; charset=UTF-8"));
  EXPECT_TRUE(polled.has_header("Cache-Control: no-store"));
}

TEST(Polling, ParkedPoll_IsAnsweredWithEverythingOfTheTurn) {
  EchoServer server;
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  EXPECT_EQ(post(server.port(), target,
                 "4a\x1e"
                 "4b")
                .status,
            200U);
  EXPECT_EQ(poll.answer().body,
            "4a\x1e"
            "4b");
}

TEST(Polling, SecondPollBesideAParkedOne_EndsTheSession) {
  EchoServer server;
  const auto target = open_polling(server.port());
  auto first = server.park(target);
  EXPECT_EQ(get(server.port(), target).status, 400U);
  const auto answer = first.answer();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "1");
  EXPECT_EQ(get(server.port(), target).body, session_unknown);
  EXPECT_EQ(server.reason(), CloseReason::transport_error);
}

TEST(Polling, CancelledPoll_EndsTheSession) {
  EchoServer server;
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  poll.cancel();
  EXPECT_EQ(server.reason(), CloseReason::transport_close);
  EXPECT_EQ(get(server.port(), target).status, 400U);
}

TEST(Polling, CloseFromTheClient_AnswersTheParkedPollWithNoop) {
  EchoServer server;
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  EXPECT_EQ(post(server.port(), target, "1").body, "ok");
  EXPECT_EQ(poll.answer().body, "6");
  EXPECT_EQ(get(server.port(), target).status, 400U);
  EXPECT_EQ(server.reason(), CloseReason::transport_close);
}

TEST(Polling, CloseFromTheServer_ReachesThePollAfterTheOneWithWhatIsQueued) {
  EchoServer server;
  const auto target = open_polling(server.port());
  EXPECT_EQ(post(server.port(), target,
                 "4last\x1e"
                 "4close")
                .status,
            200U);
  EXPECT_EQ(server.reason(), CloseReason::forced_close);
  EXPECT_EQ(get(server.port(), target).body, "4last");
  EXPECT_EQ(get(server.port(), target).body, "1");
  EXPECT_EQ(get(server.port(), target).body, session_unknown);
  EXPECT_EQ(server->session_count(), 0U);
}

TEST(Polling, ShutdownOfAShare_ClosesAsManySessions) {
  EchoServer server;
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  server->close_sessions(1.0);
  EXPECT_EQ(poll.answer().body, "1");
  EXPECT_EQ(server.reason(), CloseReason::server_shutdown);
}

TEST(Polling, PacketsOfNoMeaning_AreAnsweredOk) {
  EchoServer server;
  for (const auto* body : {"0", "3", "5", "6"}) {
    const auto target = open_polling(server.port());
    EXPECT_EQ(post(server.port(), target, body).body, "ok") << body;
    EXPECT_EQ(post(server.port(), target, "4x").status, 200U) << body;
    EXPECT_EQ(get(server.port(), target).body, "4x") << body;
  }
}

TEST(Polling, PingFromTheClient_IsAnsweredOkAndEndsTheSession) {
  EchoServer server;
  const auto target = open_polling(server.port());
  EXPECT_EQ(post(server.port(), target, "2").body, "ok");
  EXPECT_EQ(server.reason(), CloseReason::transport_error);
}

TEST(Polling, EmptyBody_IsAnsweredOkAndEndsTheSession) {
  EchoServer server;
  const auto target = open_polling(server.port());
  EXPECT_EQ(post(server.port(), target, "").body, "ok");
  EXPECT_EQ(get(server.port(), target).body, session_unknown);
  EXPECT_EQ(server.reason(), CloseReason::parse_error);
}

TEST(Polling, PingsAndPongs_KeepTheSession) {
  // A busy machine may be slow with a pong.
  auto options = test_options();
  options.ping_timeout = base::seconds(20);
  EchoServer server(options);
  const auto target = open_polling(server.port());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get(server.port(), target).body, "2");
    EXPECT_EQ(post(server.port(), target, "3").body, "ok");
  }
}

TEST(Polling, NoPongInTime_TheSidIsUnknown) {
  EchoServer server;
  const auto target = open_polling(server.port());
  EXPECT_EQ(server.reason(), CloseReason::ping_timeout);
  EXPECT_EQ(get(server.port(), target).status, 400U);
}

// --- WebSocket

TEST(WebSocket, Messages_AreCarriedAsTextAndBinary) {
  EchoServer server;
  WebSocketClient client(server.port());
  ASSERT_THAT(client.next(), StartsWith("0{"));
  client.text("4hello");
  EXPECT_EQ(client.next(), "4hello");
  client.binary(std::string_view("\x01\x02\x03\x04", 4));
  EXPECT_EQ(client.next(), "<binary>\x01\x02\x03\x04");
  client.text("bAQIDBA==");
  EXPECT_EQ(client.next(), "<binary>\x01\x02\x03\x04");
}

TEST(WebSocket, PacketsThatEndTheSession_CloseWithoutACode) {
  struct Row {
    std::string_view packet;
    CloseReason reason;
  };
  EchoServer server;
  std::size_t session = 0;
  for (const Row& row : {Row{"", CloseReason::parse_error}, Row{"7", CloseReason::parse_error},
                         Row{"abc", CloseReason::parse_error}, Row{"b***", CloseReason::parse_error},
                         Row{"2", CloseReason::transport_error}, Row{"2probe", CloseReason::transport_error},
                         Row{"1", CloseReason::transport_close}, Row{"4close", CloseReason::forced_close}}) {
    WebSocketClient client(server.port());
    ASSERT_THAT(client.next(), StartsWith("0{"));
    client.text(row.packet);
    EXPECT_EQ(client.next(), "<close>") << row.packet;
    EXPECT_EQ(server.reason(session++), row.reason) << row.packet;
  }
}

TEST(WebSocket, PacketsOfNoMeaning_AreIgnored) {
  EchoServer server;
  WebSocketClient client(server.port());
  ASSERT_THAT(client.next(), StartsWith("0{"));
  for (const auto* packet : {"3", "5", "6", "0", "4x"}) client.text(packet);
  EXPECT_EQ(client.next(), "4x");
}

TEST(WebSocket, MessageOverTheLimit_ClosesWith1009) {
  EchoServer server;
  WebSocketClient client(server.port());
  ASSERT_THAT(client.next(), StartsWith("0{"));
  client.text("4" + std::string(2000, 'x'));
  EXPECT_EQ(client.next(), "<close>1009");
  EXPECT_EQ(server.reason(), CloseReason::transport_error);
}

TEST(WebSocket, NoPongInTime_Closes) {
  EchoServer server;
  WebSocketClient client(server.port());
  ASSERT_THAT(client.next(), StartsWith("0{"));
  EXPECT_EQ(client.next(), "2");
  EXPECT_EQ(client.next(), "<close>");
  EXPECT_EQ(server.reason(), CloseReason::ping_timeout);
}

TEST(WebSocket, ConnectionThatBreaks_EndsTheSession) {
  EchoServer server;
  WebSocketClient client(server.port());
  ASSERT_THAT(client.next(), StartsWith("0{"));
  client.reset();
  EXPECT_EQ(server.reason(), CloseReason::transport_close);
}

}  // namespace
}  // namespace engineio
