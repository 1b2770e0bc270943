#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <array>

namespace base {
namespace {

std::string encoded(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

TEST(Base64, TheVectorsOfRfc4648_WorkInBothDirections) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encoded(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
    EXPECT_EQ(base64_length(bytes.size()), text.size());
    const auto url = text.substr(0, text.find('='));
    EXPECT_EQ(to_base64url(bytes), url);
    EXPECT_EQ(decode_base64url(url), bytes);
    EXPECT_EQ(base64url_length(bytes.size()), url.size());
  }
}

TEST(Base64, TheAlphabets_DifferInTheLastTwoDigits) {
  EXPECT_EQ(encoded("\xff\xef\xbe"), "/+++");
  EXPECT_EQ(to_base64url("\xff\xef\xbe"), "_---");
  EXPECT_FALSE(decode_base64("_---"));
  EXPECT_FALSE(decode_base64url("/+++"));
}

TEST(Base64, OtherSpellings_AreRefused) {
  // Missing or superfluous padding, padding inside, white space, bits behind the last byte.
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zh==", "Zm9=", "***="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
  for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "Zm9v Zg"}) EXPECT_FALSE(decode_base64url(text)) << text;
}

TEST(Base64, IntoAFixedSize_OnlyThatSizeFits) {
  std::array<std::uint8_t, 3> out{};
  EXPECT_TRUE(decode_base64url_into("Zm9v", out));
  EXPECT_EQ(out[2], 'o');
  EXPECT_FALSE(decode_base64url_into("Zm8", out));
  EXPECT_FALSE(decode_base64url_into("Zm9vYg", out));
}

}  // namespace
}  // namespace base
