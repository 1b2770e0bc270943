#include "auth/base64url.hpp"

#include <gtest/gtest.h>

namespace auth {
namespace {

TEST(Base64url, every_length_survives_the_round_trip) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(Base64url, the_vectors_of_rfc_4648_without_their_padding_decode) {
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
  EXPECT_EQ(decode_base64url("Zm9v"), "foo");
  EXPECT_EQ(decode_base64url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64url("-_-_"), "\xfb\xff\xbf");
}

TEST(Base64url, padding_is_refused) {
  EXPECT_FALSE(decode_base64url("Zg=="));
  EXPECT_FALSE(decode_base64url("Zm8="));
}

TEST(Base64url, the_other_alphabet_and_white_space_are_refused) {
  EXPECT_FALSE(decode_base64url("+/+/"));
  EXPECT_FALSE(decode_base64url("Zm9v\n"));
  EXPECT_FALSE(decode_base64url(" Zm9"));
  EXPECT_FALSE(decode_base64url(std::string_view("Zm\0v", 4)));
  EXPECT_FALSE(decode_base64url("Zm\xc3\xb6"));
}

TEST(Base64url, trailing_bits_that_are_not_zero_are_refused) {
  EXPECT_FALSE(decode_base64url("Zh"));
  EXPECT_FALSE(decode_base64url("Zm9"));
}

TEST(Base64url, a_length_that_no_bytes_have_is_refused) {
  EXPECT_FALSE(decode_base64url("A"));
  EXPECT_FALSE(decode_base64url("Zm9vA"));
}

}  // namespace
}  // namespace auth
