#include "net/websocket_handshake.hpp"

#include <gtest/gtest.h>

namespace net::websocket {
namespace {

RequestHead good_request() {
  return {.headers = {{"Host", "x"},
                      {"Upgrade", "websocket"},
                      {"Connection", "keep-alive, Upgrade"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}}};
}

Upgrade examine_with(std::size_t index, const std::string& value) {
  auto head = good_request();
  head.headers[index].value = value;
  return examine_upgrade(head, true);
}

TEST(WebSocketHandshakeTest, TheAcceptKeyIsThatOfTheRfcsExample) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshakeTest, ARequestThatMeetsAllConditionsIsValid) {
  EXPECT_EQ(examine_upgrade(good_request(), true), Upgrade::valid);
  EXPECT_EQ(examine_with(1, "WebSocket"), Upgrade::valid);
  EXPECT_EQ(examine_with(2, "upgrade"), Upgrade::valid);
}

TEST(WebSocketHandshakeTest, WithoutBothUpgradeHeadersItIsAnOrdinaryRequest) {
  EXPECT_EQ(examine_upgrade({}, true), Upgrade::none);
  EXPECT_EQ(examine_with(1, "h2c"), Upgrade::none);
  EXPECT_EQ(examine_with(2, "keep-alive"), Upgrade::none);
}

TEST(WebSocketHandshakeTest, OtherMethodsAndVersionsOfHttpAreMalformed) {
  auto head = good_request();
  EXPECT_EQ(examine_upgrade(head, false), Upgrade::malformed);
  head.method = Method::post;
  EXPECT_EQ(examine_upgrade(head, true), Upgrade::malformed);
}

TEST(WebSocketHandshakeTest, AKeyThatIsNotOf16BytesIsMalformed) {
  for (const auto* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
                          "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBs*SBub25jZQ=="}) {
    EXPECT_EQ(examine_with(3, key), Upgrade::malformed) << key;
  }
}

TEST(WebSocketHandshakeTest, AHeaderThatStandsTwiceIsMalformed) {
  for (const std::size_t index : {3U, 4U}) {
    auto head = good_request();
    head.headers.push_back(head.headers[index]);
    EXPECT_EQ(examine_upgrade(head, true), Upgrade::malformed);
  }
}

TEST(WebSocketHandshakeTest, AnotherVersionIsToldApart) {
  EXPECT_EQ(examine_with(4, "8"), Upgrade::unsupported_version);
  EXPECT_EQ(examine_with(4, "13, 8"), Upgrade::unsupported_version);
}

// CVE-2021-32640, CVE-2026-42544 and prototype names: subprotocols and extensions are not looked at.
TEST(WebSocketHandshakeTest, HostileSubprotocolsAndExtensionsChangeNothing) {
  auto head = good_request();
  head.headers.push_back({"Sec-WebSocket-Protocol", "b" + std::string(8'000, ' ') + "x\xff\xfe"});
  head.headers.push_back({"Sec-WebSocket-Extensions", "__proto__; constructor"});
  EXPECT_EQ(examine_upgrade(head, true), Upgrade::valid);
}

}  // namespace
}  // namespace net::websocket
