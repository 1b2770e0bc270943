#include "net/trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace net {
namespace {

std::string client_behind(const std::vector<std::string>& trusted, std::string_view peer,
                          const std::vector<std::string>& forwarded_for) {
  const auto proxies = TrustedProxies::parse(trusted);
  RequestHead head;
  for (const auto& value : forwarded_for) head.headers.push_back({"X-Forwarded-For", value});
  return proxies->client_address(*parse_ip_address(peer), head);
}

TEST(TrustedProxiesTest, AnUntrustedPeerIsNotBelieved) {
  EXPECT_EQ(client_behind({}, "203.0.113.9", {"1.2.3.4"}), "203.0.113.9");
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "203.0.113.9", {"1.2.3.4"}), "203.0.113.9");
}

TEST(TrustedProxiesTest, BehindTrustedProxiesTheNearestUntrustedAddressIsTheClient) {
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {"6.6.6.6, 1.2.3.4, 10.2.2.2"}), "1.2.3.4");
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {"6.6.6.6", "1.2.3.4", "10.2.2.2"}), "1.2.3.4");
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {}), "10.1.1.1");
}

TEST(TrustedProxiesTest, WhereAllAreTrustedTheFarthestIsTheClient) {
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {"10.3.3.3, 10.2.2.2"}), "10.3.3.3");
}

TEST(TrustedProxiesTest, WhatIsNoAddressEndsTheChain) {
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {"1.2.3.4, unknown, 10.2.2.2"}), "10.2.2.2");
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "10.1.1.1", {"1.2.3.4,"}), "10.1.1.1");
}

TEST(TrustedProxiesTest, PortsAndIpv6FormsAreUnderstood) {
  EXPECT_EQ(client_behind({"127.0.0.1"}, "127.0.0.1", {"1.2.3.4:5678"}), "1.2.3.4");
  EXPECT_EQ(client_behind({"::1"}, "::1", {"[2001:db8::7]:5678"}), "2001:db8::7");
  EXPECT_EQ(client_behind({"::1"}, "::1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client_behind({"fd00::/8"}, "fd12::1", {"fdff::2, fe80::1"}), "fe80::1");
}

TEST(TrustedProxiesTest, BlocksEndAtTheirBits) {
  EXPECT_EQ(client_behind({"10.0.0.0/9"}, "10.127.0.1", {"1.2.3.4"}), "1.2.3.4");
  EXPECT_EQ(client_behind({"10.0.0.0/9"}, "10.128.0.1", {"1.2.3.4"}), "10.128.0.1");
  EXPECT_EQ(client_behind({"0.0.0.0/0"}, "8.8.8.8", {"1.2.3.4"}), "1.2.3.4");
  EXPECT_EQ(client_behind({"0.0.0.0/0"}, "2001:db8::1", {"1.2.3.4"}), "2001:db8::1");
}

TEST(TrustedProxiesTest, AMappedAddressIsItsIpv4Address) {
  EXPECT_EQ(client_behind({"10.0.0.0/8"}, "::ffff:10.1.1.1", {"1.2.3.4"}), "1.2.3.4");
  EXPECT_EQ(to_string(*parse_ip_address("::ffff:1.2.3.4")), "1.2.3.4");
}

TEST(TrustedProxiesTest, WhatIsNoBlockIsRefusedAndNamed) {
  for (const auto* bad : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "proxy.example"}) {
    const auto proxies = TrustedProxies::parse({bad});
    ASSERT_FALSE(proxies) << bad;
    EXPECT_EQ(proxies.error().detail, std::string("not a CIDR block: ") + bad);
  }
}

}  // namespace
}  // namespace net
