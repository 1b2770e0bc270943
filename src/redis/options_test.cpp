#include "redis/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace redis {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal_of(std::string_view url) {
  const auto options = Options::parse(url);
  return options ? "accepted" : options.error().detail;
}

TEST(OptionsTest, AHostAloneGetsTheUsualPortAndNoLogin) {
  const auto options = Options::parse("redis://cache.internal");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->endpoints, (std::vector<Endpoint>{{"cache.internal", 6379}}));
  EXPECT_FALSE(options->tls);
  EXPECT_FALSE(options->is_cluster);
  EXPECT_EQ(options->username, "");
  EXPECT_EQ(options->password, "");
  EXPECT_EQ(options->database, 0);
}

TEST(OptionsTest, AFullUrlIsTakenApart) {
  const auto options = Options::parse("rediss://svc:p%40ss%2Cw%25rd@10.0.0.7:6380/3");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->endpoints, (std::vector<Endpoint>{{"10.0.0.7", 6380}}));
  EXPECT_TRUE(options->tls);
  EXPECT_EQ(options->username, "svc");
  EXPECT_EQ(options->password, "p@ss,w%rd");
  EXPECT_EQ(options->database, 3);
}

TEST(OptionsTest, APasswordNeedsNoUser) {
  const auto options = Options::parse("redis://:secret@localhost");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->username, "");
  EXPECT_EQ(options->password, "secret");
}

TEST(OptionsTest, AnIpv6AddressStandsInBrackets) {
  const auto options = Options::parse("redis://[::1]:7000/");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->endpoints, (std::vector<Endpoint>{{"::1", 7000}}));
}

TEST(OptionsTest, SeveralNodesAreACluster) {
  const auto options = Options::parse("redis://u:p@a:7000,b:7001,redis://u:p@c:7002");
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->is_cluster);
  EXPECT_EQ(options->endpoints, (std::vector<Endpoint>{{"a", 7000}, {"b", 7001}, {"c", 7002}}));
  EXPECT_EQ(options->password, "p");
}

TEST(OptionsTest, NodesThatContradictEachOtherAreRefused) {
  EXPECT_THAT(refusal_of("redis://a,rediss://b"), HasSubstr("TLS"));
  EXPECT_THAT(refusal_of("redis://u:p@a,redis://u:q@b"), HasSubstr("one login"));
  EXPECT_THAT(refusal_of("redis://a,b/2"), HasSubstr("database 0"));
  EXPECT_THAT(refusal_of("redis://a,a"), HasSubstr("twice"));
}

TEST(OptionsTest, MalformedUrlsAreRefusedWithASentence) {
  for (const auto* url :
       {"", "localhost:6379", "http://a", "redis://", "redis://a:0", "redis://a:70000", "redis://a:x", "redis://a/b",
        "redis://[::1", "redis://[::1]x", "redis://a,", "redis://u@a", "redis://u:%4@a"}) {
    EXPECT_THAT(refusal_of(url), HasSubstr("REDIS_URL")) << url;
  }
}

TEST(OptionsTest, ARefusalDoesNotShowThePassword) {
  EXPECT_THAT(refusal_of("redis://user:sesame@host:99999"), Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace redis
