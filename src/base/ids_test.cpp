#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

TEST(Uuid, UpperCaseIn_IsLowerCaseOut) {
  const auto id = Uuid::parse("0191E3A0-7C5B-7ABC-8DEF-0123456789AB");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), "0191e3a0-7c5b-7abc-8def-0123456789ab");
}

TEST(Uuid, AnythingButTheCanonicalForm_IsRefused) {
  for (const char* text : {"", "0191e3a0", "0191e3a07c5b7abc8def0123456789ab", "{191e3a0-7c5b-7abc-8def-0123456789ab}",
                           "0191e3a0-7c5b-7abc-8def-0123456789a", "0191e3a0-7c5b-7abc-8def-0123456789abc",
                           "0191e3a0-7c5b-7abc-8def-0123456789ag", "0191e3a-07c5b-7abc-8def-0123456789ab"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(Uuid, V7_CarriesTimeVersionAndVariant) {
  const auto text = Uuid::v7(SystemTime(milliseconds(0x0123456789ab + (1LL << 47)))).to_string();
  EXPECT_EQ(text.substr(0, 13), "81234567-89ab");
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
}

TEST(Uuid, ManyV7InOneMillisecond_AscendAndDiffer) {
  const SystemTime now(milliseconds((1LL << 47) + 0x0123456789ff));
  Uuid last = Uuid::v7(now);
  // More than the counter's 4096, so that the time has to give way.
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = Uuid::v7(now);
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(UserId, TheEdgesOfLengthAndAlphabet_AreKept) {
  EXPECT_TRUE(UserId::parse("!"));
  EXPECT_TRUE(UserId::parse(std::string(128, '~')));
  EXPECT_FALSE(UserId::parse(""));
  EXPECT_FALSE(UserId::parse(std::string(129, 'a')));
  EXPECT_FALSE(UserId::parse("a b"));
  EXPECT_FALSE(UserId::parse("a\x7f"));
  EXPECT_FALSE(UserId::parse("zo\xc3\xab"));
  EXPECT_FALSE(UserId::parse(std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace base
