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

}  // namespace
}  // namespace engineio
