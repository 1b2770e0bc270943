#include "engineio/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/server_test_support.hpp"

namespace engineio {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

constexpr std::string_view unknown_sid = "AAAAAAAAAAAAAAAAAAAA";

std::string error_body(int code, std::string_view message) {
  return R"({"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) + R"("})";
}

ServerOptions with_origin() {
  auto options = test_options();
  options.cors_origins = {"http://app.example"};
  return options;
}

// --- Handshake

TEST(PollingHandshake, GoodRequest_IsAnsweredWithTheOpenPacket) {
  EchoServer server;
  const auto answer = get(server.port(), polling_target);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.body, MatchesRegex(R"(0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\["websocket"\],"pingInterval":300,)"
                                        R"("pingTimeout":200,"maxPayload":2000\})"));
  EXPECT_TRUE(answer.has_header("Content-Type: text/plain; charset=UTF-8"));
  EXPECT_TRUE(answer.has_header("Cache-Control: no-store"));
  EXPECT_EQ(server->session_count(), 1U);
}

TEST(WebSocketHandshake, GoodRequest_IsAnsweredWithTheOpenPacket) {
  EchoServer server;
  WebSocketClient client(server.port());
  EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(client.next(), MatchesRegex(R"(0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\[\],"pingInterval":300,)"
                                          R"("pingTimeout":200,"maxPayload":2000\})"));
}

struct Refused {
  std::string_view method;
  std::string target;
  unsigned status;
  std::string body;
};

TEST(Requests, Refused_AreAnsweredAsTheReferenceServerDoes) {
  EchoServer server(with_origin());
  const std::string sid = "&sid=" + std::string(unknown_sid);
  const Refused rows[] = {
      {"GET", "/engine.io/?transport=polling", 400, error_body(5, "Unsupported protocol version")},
      {"GET", "/engine.io/?EIO=3&transport=polling", 400, error_body(5, "Unsupported protocol version")},
      {"GET", "/engine.io/?EIO=5&transport=polling", 400, error_body(5, "Unsupported protocol version")},
      {"GET", "/engine.io/?EIO=abc&transport=polling", 400, error_body(5, "Unsupported protocol version")},
      {"GET", "/engine.io/?EIO=4&EIO=3&transport=polling", 400, error_body(5, "Unsupported protocol version")},
      {"GET", "/engine.io/?EIO=4", 400, error_body(0, "Transport unknown")},
      {"GET", "/engine.io/?EIO=4&transport=abc", 400, error_body(0, "Transport unknown")},
      {"GET", "/engine.io/?EIO=4&transport=__proto__", 400, error_body(0, "Transport unknown")},
      {"GET", "/engine.io/?EIO=4&transport=webtransport", 400, error_body(0, "Transport unknown")},
      {"GET", polling_target + sid, 400, error_body(1, "Session ID unknown")},
      {"GET", polling_target + "&sid=__proto__", 400, error_body(1, "Session ID unknown")},
      {"GET", polling_target + "&sid=%00", 400, error_body(1, "Session ID unknown")},
      {"POST", polling_target + sid, 400, error_body(1, "Session ID unknown")},
      {"POST", polling_target, 400, error_body(2, "Bad handshake method")},
      {"PUT", polling_target, 400, error_body(2, "Bad handshake method")},
      {"HEAD", polling_target, 400, ""},
      {"GET", websocket_target, 400, error_body(3, "Bad request")},
      {"GET", "/engine.io?EIO=4&transport=polling", 404, ""},
      {"GET", "/other", 404, ""},
  };
  for (const auto& row : rows) {
    const auto answer = HttpRequest(server.port(), row.method, row.target).answer();
    EXPECT_EQ(answer.status, row.status) << row.method << ' ' << row.target;
    EXPECT_EQ(answer.body, row.body) << row.method << ' ' << row.target;
    if (row.status == 404) continue;
    EXPECT_TRUE(answer.has_header("Content-Type: application/json"));
    EXPECT_TRUE(answer.has_header("Access-Control-Allow-Origin: http://app.example"));
    EXPECT_TRUE(answer.has_header("Vary: Origin"));
    EXPECT_TRUE(answer.has_header("Access-Control-Allow-Credentials: true"));
  }
  EXPECT_EQ(server->session_count(), 0U);
}

TEST(Requests, ExtraQueryKeys_AreIgnored) {
  EchoServer server;
  EXPECT_EQ(get(server.port(), polling_target + "&t=abc&b64=1&j=0").status, 200U);
  EXPECT_EQ(get(server.port(), "/engine.io/?EIO=3&EIO=4&transport=polling").status, 200U);
}

TEST(Requests, MethodsThatNoSessionHas_AreRefusedAndTheSessionLivesOn) {
  EchoServer server;
  const auto target = open_polling(server.port());
  for (const auto* method : {"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"}) {
    EXPECT_EQ(HttpRequest(server.port(), method, target).answer().status, 400U) << method;
  }
  EXPECT_EQ(post(server.port(), target, "4x").status, 200U);
}

TEST(Requests, OtherProtocolVersionThanTheSessions_IsABadRequest) {
  EchoServer server;
  const auto sid = open_polling(server.port()).substr(polling_target.size());
  for (const auto* version : {"", "EIO=3&", "EIO=4&EIO=3&"}) {
    const auto answer = get(server.port(), "/engine.io/?" + std::string(version) + "transport=polling" + sid);
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.body, error_body(3, "Bad request"));
  }
}

TEST(Handshake, WhileDraining_IsAnswered503) {
  EchoServer server;
  const auto target = open_polling(server.port());
  server->refuse_handshakes();
  const auto answer = get(server.port(), polling_target);
  EXPECT_EQ(answer.status, 503U);
  EXPECT_NE(answer.head.find("Retry-After: "), std::string::npos);
  EXPECT_THAT(WebSocketClient(server.port()).response(), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(post(server.port(), target, "4x").status, 200U);
}

TEST(Handshake, BeyondTheMaximumOfSessions_IsAnswered503) {
  auto options = test_options();
  options.sessions_max = 1;
  EchoServer server(options);
  EXPECT_EQ(get(server.port(), polling_target).status, 200U);
  EXPECT_EQ(get(server.port(), polling_target).status, 503U);
}

TEST(Handshake, RefusedByTheHook_IsAnsweredWithItsStatus) {
  EchoServer server(with_origin(), [](const net::RequestHead&) {
    return std::make_unique<net::Response>(net::Response{.status = 429, .body = "slow down"});
  });
  const auto answer = get(server.port(), polling_target);
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(answer.body, "slow down");
  EXPECT_TRUE(answer.has_header("Vary: Origin"));
  EXPECT_THAT(WebSocketClient(server.port()).response(), StartsWith("HTTP/1.1 429 "));
}

TEST(Handshake, WantedByNobodyAbove_LeavesNoSession) {
  EchoServer server;
  server.want_no_sessions();
  EXPECT_EQ(get(server.port(), polling_target).status, 503U);
  WebSocketClient client(server.port());
  EXPECT_THAT(client.next(), StartsWith("0{"));
  EXPECT_EQ(client.next(), "<close>");
  EXPECT_EQ(server->session_count(), 0U);
}

// --- Origins

TEST(Origins, NoneConfigured_ForeignPagesAreRefused) {
  EchoServer server;
  const auto answer = get(server.port(), polling_target, "Origin: http://evil.example\r\n");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.body, error_body(4, "Forbidden"));
  EXPECT_EQ(answer.head.find("Access-Control"), std::string::npos);
  EXPECT_EQ(get(server.port(), polling_target, "Origin: https://server.example\r\n").status, 200U);

  WebSocketClient foreign(server.port(), websocket_target, "Origin: http://evil.example\r\n");
  EXPECT_THAT(foreign.response(), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(foreign.body(), "Forbidden");
  WebSocketClient same(server.port(), websocket_target, "Origin: https://server.example\r\n");
  EXPECT_THAT(same.response(), StartsWith("HTTP/1.1 101 "));
}

TEST(Origins, NoneConfigured_PreflightIsABadHandshake) {
  EchoServer server;
  const auto answer = HttpRequest(server.port(), "OPTIONS", polling_target).answer();
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(answer.body, error_body(2, "Bad handshake method"));
}

TEST(Origins, Configured_PreflightIsAnswered) {
  EchoServer server(with_origin());
  const auto answer =
      HttpRequest(server.port(), "OPTIONS", polling_target, {},
                  "Origin: http://app.example\r\nAccess-Control-Request-Headers: content-type,x-foo\r\n")
          .answer();
  EXPECT_EQ(answer.status, 204U);
  EXPECT_TRUE(answer.has_header("Access-Control-Allow-Headers: content-type,x-foo"));
}

TEST(Origins, Configured_PollingLeavesItToTheBrowserAndTheUpgradeDoesNot) {
  EchoServer server(with_origin());
  const auto answer = get(server.port(), polling_target, "Origin: http://evil.example\r\n");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_TRUE(answer.has_header("Access-Control-Allow-Origin: http://app.example"));
  WebSocketClient foreign(server.port(), websocket_target, "Origin: http://evil.example\r\n");
  EXPECT_EQ(foreign.body(), "Forbidden");
}

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
  EXPECT_EQ(get(server.port(), target).body, error_body(1, "Session ID unknown"));
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

TEST(Polling, CloseFromTheServer_ReachesTheNextPollBehindWhatIsQueued) {
  EchoServer server;
  const auto target = open_polling(server.port());
  EXPECT_EQ(post(server.port(), target,
                 "4last\x1e"
                 "4close")
                .status,
            200U);
  EXPECT_EQ(server.reason(), CloseReason::forced_close);
  EXPECT_EQ(get(server.port(), target).body,
            "4last\x1e"
            "1");
  EXPECT_EQ(get(server.port(), target).body, error_body(1, "Session ID unknown"));
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
  EXPECT_EQ(get(server.port(), target).body, error_body(1, "Session ID unknown"));
  EXPECT_EQ(server.reason(), CloseReason::parse_error);
}

TEST(Polling, PingsAndPongs_KeepTheSession) {
  EchoServer server;
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
