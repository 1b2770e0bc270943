// The upgrade from polling to a WebSocket, through a real listener.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/server_test_support.hpp"

namespace engineio {
namespace {

using testing::StartsWith;

constexpr std::string_view separator = "\x1e";

ServerOptions unhurried() {
  auto options = test_options();
  options.ping_interval = base::seconds(25);
  options.ping_timeout = base::seconds(20);
  return options;
}

WebSocketClient upgraded(std::uint16_t port, std::string_view target) {
  WebSocketClient client(port, upgrade_target(target));
  client.text("2probe");
  EXPECT_EQ(client.next(), "3probe");
  client.text("5");
  return client;
}

TEST(UpgradeRequest, Refused_IsAnsweredWithTheSentenceAlone) {
  struct Row {
    std::string target;
    std::string_view sentence;
  };
  EchoServer server(unhurried());
  const auto session = open_polling(server.port());
  const auto sid = session.substr(session.find("&sid="));
  const Row rows[] = {
      {websocket_target + "&sid=AAAAAAAAAAAAAAAAAAAA", "Session ID unknown"},
      {websocket_target + "&sid=constructor", "Session ID unknown"},
      {"/engine.io/?EIO=3&transport=websocket", "Unsupported protocol version"},
      {"/engine.io/?transport=websocket", "Unsupported protocol version"},
      {"/engine.io/?EIO=3&transport=websocket" + sid, "Bad request"},
      {polling_target, "Bad request"},
      {session, "Bad request"},
      {"/engine.io/?EIO=4", "Transport unknown"},
      {"/engine.io/?EIO=4&transport=__proto__", "Transport unknown"},
      {"/engine.io/?EIO=4&transport=constructor", "Transport unknown"},
  };
  for (const auto& row : rows) {
    WebSocketClient client(server.port(), row.target);
    EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 400 ")) << row.target;
    EXPECT_NE(client.response().find("Content-Type: text/html\r\n"), std::string::npos);
    EXPECT_EQ(client.body(), row.sentence) << row.target;
  }
  EXPECT_THAT(WebSocketClient(server.port(), "/other").response(), StartsWith("HTTP/1.1 404 "));
}

TEST(Upgrade, ProbeThenUpgrade_MovesTheSession) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  WebSocketClient client(server.port(), upgrade_target(target));
  client.text("2probe");
  EXPECT_EQ(client.next(), "3probe");
  EXPECT_EQ(get(server.port(), target).body, "6");
  client.text("5");
  client.text("4hello");
  EXPECT_EQ(client.next(), "4hello");
}

TEST(Upgrade, ParkedPoll_ReturnsWithNoopWhenTheProbeCame) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  WebSocketClient client(server.port(), upgrade_target(target));
  client.text("2probe");
  EXPECT_EQ(client.next(), "3probe");
  EXPECT_EQ(poll.answer().body, "6");
}

TEST(Upgrade, PacketsQueuedBefore_LeaveOnTheWebSocketInOrder) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  WebSocketClient client(server.port(), upgrade_target(target));
  client.text("2probe");
  EXPECT_EQ(client.next(), "3probe");
  EXPECT_EQ(post(server.port(), target, "4one" + std::string(separator) + "bAQID").body, "ok");
  client.text("5");
  client.text("4two");
  EXPECT_EQ(client.next(), "4one");
  EXPECT_EQ(client.next(), "<binary>\x01\x02\x03");
  EXPECT_EQ(client.next(), "4two");
}

TEST(Upgrade, PollStillParkedAtTheSwitch_ReturnsWithNoop) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  auto poll = server.park(target);
  WebSocketClient client(server.port(), upgrade_target(target));
  client.text("5");
  EXPECT_EQ(poll.answer().body, "6");
  client.text("4x");
  EXPECT_EQ(client.next(), "4x");
}

TEST(Upgrade, RequestsAfterIt_AreRefusedAndTheWebSocketGoesOn) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  auto client = upgraded(server.port(), target);
  client.text("4first");
  EXPECT_EQ(client.next(), "4first");
  const auto polled = get(server.port(), target);
  EXPECT_EQ(polled.status, 400U);
  EXPECT_EQ(polled.body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(post(server.port(), target, "4x").status, 400U);
  WebSocketClient second(server.port(), upgrade_target(target));
  EXPECT_THAT(second.response(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(second.next(), "<close>");
  client.text("4hello");
  EXPECT_EQ(client.next(), "4hello");
}

TEST(Upgrade, SecondWebSocketWhileProbing_IsClosedAlone) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  WebSocketClient first(server.port(), upgrade_target(target));
  first.text("2probe");
  EXPECT_EQ(first.next(), "3probe");
  WebSocketClient second(server.port(), upgrade_target(target));
  EXPECT_EQ(second.next(), "<close>");
  first.text("5");
  first.text("4x");
  EXPECT_EQ(first.next(), "4x");
}

TEST(Upgrade, AnythingElseOnTheProbe_ClosesItAlone) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  for (const auto* packet : {"4hello", "", "7", "1", "2", "bAQID", "6"}) {
    WebSocketClient client(server.port(), upgrade_target(target));
    client.text(packet);
    EXPECT_EQ(client.next(), "<close>") << packet;
    EXPECT_EQ(post(server.port(), target, "4x").body, "ok") << packet;
    EXPECT_EQ(get(server.port(), target).body, "4x") << packet;
  }
}

TEST(Upgrade, ProbeThatBreaks_LeavesTheSessionOnPolling) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  {
    WebSocketClient client(server.port(), upgrade_target(target));
    client.text("2probe");
    EXPECT_EQ(client.next(), "3probe");
    client.reset();
  }
  EXPECT_EQ(post(server.port(), target, "4x").body, "ok");
  EXPECT_EQ(get(server.port(), target).body, "4x");
}

TEST(Upgrade, NotFinishedInTime_ClosesTheProbe) {
  auto options = unhurried();
  options.upgrade_timeout = base::milliseconds(50);
  EchoServer server(options);
  const auto target = open_polling(server.port());
  WebSocketClient client(server.port(), upgrade_target(target));
  EXPECT_EQ(client.next(), "<close>");
  EXPECT_EQ(post(server.port(), target, "4x").body, "ok");
}

TEST(Upgrade, SessionThatEndsWhileProbing_TakesTheProbeAlong) {
  EchoServer server(unhurried());
  const auto target = open_polling(server.port());
  WebSocketClient client(server.port(), upgrade_target(target));
  client.text("2probe");
  EXPECT_EQ(client.next(), "3probe");
  EXPECT_EQ(post(server.port(), target, "1").body, "ok");
  EXPECT_EQ(client.next(), "<close>");
}

}  // namespace
}  // namespace engineio
