// Inputs that have brought down or blown up other servers of this protocol. Each is answered 4xx or closed, and the
// server serves the next client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/server_test_support.hpp"

namespace engineio {
namespace {

using testing::AnyOf;
using testing::StartsWith;

class HostileInput : public testing::Test {
 protected:
  ~HostileInput() override { expect_service(); }

  void expect_service() {
    const auto target = open_polling(server_.port());
    EXPECT_EQ(post(server_.port(), target, "4still here").body, "ok");
    EXPECT_EQ(get(server_.port(), target).body, "4still here");
  }
  void expect_unknown(const std::string& target) {
    EXPECT_EQ(get(server_.port(), target).body, R"({"code":1,"message":"Session ID unknown"})");
  }
  // For the session that was opened first.
  void expect_ended(const std::string& target, CloseReason reason) {
    EXPECT_EQ(server_.reason(), reason);
    expect_unknown(target);
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  EchoServer server_;
};

// CVE-2020-36048
TEST_F(HostileInput, BodyOverTheLimit_Is413AndEndsTheSession) {
  const auto target = open_polling(port());
  EXPECT_EQ(post(port(), target, "4" + std::string(2000, 'x')).status, 413U);
  expect_ended(target, CloseReason::transport_error);
}

TEST_F(HostileInput, BodyOverTheLimitInChunks_Is413AndEndsTheSession) {
  const auto target = open_polling(port());
  net::LoopbackClient client(port());
  client.send("POST " + target + " HTTP/1.1\r\nHost: server.example\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("400\r\n" + std::string(0x400, '4') + "\r\n400\r\n" + std::string(0x400, '4') + "\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  expect_ended(target, CloseReason::transport_error);
}

TEST_F(HostileInput, BodyOverTheLimitForAnUnknownSession_Is413) {
  EXPECT_EQ(post(port(), polling_target + "&sid=__proto__", std::string(3000, 'x')).status, 413U);
  EXPECT_EQ(post(port(), polling_target, std::string(3000, 'x')).status, 413U);
}

// CVE-2022-21676
TEST_F(HostileInput, ReservedBitsInTheSegmentOfTheUpgrade_CloseWith1002) {
  for (const unsigned first_byte : {0xc1U, 0xa1U, 0x91U, 0xf1U}) {
    WebSocketClient client(port(), websocket_target, {},
                           net::websocket::client_frame("4x", {.first_byte = first_byte}));
    EXPECT_THAT(client.next(), StartsWith("0{"));
    EXPECT_EQ(client.next(), "<close>1002");
  }
}

// CVE-2022-41940
TEST_F(HostileInput, ResetAfterARefusedUpgrade_IsSurvived) {
  for (int i = 0; i < 10; ++i) {
    WebSocketClient client(port(), websocket_target + "&sid=nope");
    client.reset();
  }
}

// CVE-2023-31125
TEST_F(HostileInput, UpgradeWithATransportFromThePrototype_IsRefused) {
  for (const auto* transport : {"__proto__", "constructor", "toString", "%00", ""}) {
    WebSocketClient client(port(), "/engine.io/?EIO=4&transport=" + std::string(transport));
    EXPECT_EQ(client.body(), "Transport unknown") << transport;
  }
}

// CVE-2026-59725
TEST_F(HostileInput, OctetStream_Is400AndEndsTheSession) {
  for (const auto* type : {"application/octet-stream", "Application/Octet-Stream; charset=x"}) {
    const auto target = open_polling(port());
    EXPECT_EQ(post(port(), target, "4x", "Content-Type: " + std::string(type) + "\r\n").status, 400U);
    expect_unknown(target);
  }
}

TEST_F(HostileInput, MalformedPayload_Is400AndEndsTheSession) {
  using namespace std::string_literals;
  for (const auto& body : {"abc"s, "b***"s, "4x\x1e"s, "\x1e"s, "4\xff"s, "4\xc0\x80"s, "\0"s, "bAQ"s}) {
    const auto target = open_polling(port());
    EXPECT_EQ(post(port(), target, body).status, 400U) << body;
    expect_unknown(target);
  }
}

TEST_F(HostileInput, TooManyPacketsInOnePayload_AreRefused) {
  std::string body = "3";
  for (int i = 0; i < 999; ++i) body += "\x1e";
  const auto target = open_polling(port());
  // A thousand packets are allowed, empty ones are not; one more is over the limit whatever it holds.
  EXPECT_EQ(post(port(), target, body + "\x1e").status, 400U);
  expect_unknown(target);
}

// CVE-2026-48779
TEST_F(HostileInput, EndlessTinyFragments_CloseTheConnection) {
  WebSocketClient client(port());
  EXPECT_THAT(client.next(), StartsWith("0{"));
  std::string fragments = net::websocket::client_frame("4", {.first_byte = 0x01});
  for (int i = 0; i < 500; ++i) fragments += net::websocket::client_frame("x", {.first_byte = 0x00});
  client.raw(fragments);
  EXPECT_THAT(client.next(), AnyOf("<close>1002", "<close>1008", "<close>1009"));
}

TEST_F(HostileInput, BrokenFrames_CloseTheConnection) {
  using net::websocket::client_frame;
  for (const auto& [frame, code] :
       {std::pair(client_frame("4x", {.is_masked = false}), "<close>1002"),
        std::pair(client_frame("4\xff"), "<close>1007"),
        std::pair(client_frame("4x", {.first_byte = 0x83}), "<close>1002"),
        std::pair(client_frame("4x", {.first_byte = 0x80}), "<close>1002"),
        std::pair(client_frame(std::string(126, 'p'), {.first_byte = 0x89}), "<close>1002")}) {
    WebSocketClient client(port());
    EXPECT_THAT(client.next(), StartsWith("0{"));
    client.raw(frame);
    EXPECT_EQ(client.next(), code);
  }
}

TEST_F(HostileInput, StrangeSids_AreUnknown) {
  for (const auto* sid : {"__proto__", "constructor", "%00", "%2e%2e", "a%20b", "AAAAAAAAAAAAAAAAAAA%3D"}) {
    EXPECT_EQ(get(port(), polling_target + "&sid=" + sid).body, R"({"code":1,"message":"Session ID unknown"})") << sid;
    WebSocketClient client(port(), websocket_target + "&sid=" + sid);
    EXPECT_EQ(client.body(), "Session ID unknown") << sid;
  }
}

TEST_F(HostileInput, ExtensionsFromThePrototype_AreIgnored) {
  for (const auto* header : {"Sec-WebSocket-Extensions: __proto__\r\n", "Sec-WebSocket-Extensions: constructor\r\n",
                             "Sec-WebSocket-Extensions: permessage-deflate\r\n"}) {
    WebSocketClient client(port(), websocket_target, header);
    EXPECT_EQ(client.response().find("Sec-WebSocket-Extensions"), std::string::npos);
    EXPECT_THAT(client.next(), StartsWith("0{"));
  }
}

}  // namespace
}  // namespace engineio
