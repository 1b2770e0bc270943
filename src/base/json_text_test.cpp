#include "base/json_text.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, PlainTextAndUtf8_AreCopiedByteForByte) {
  EXPECT_EQ(written("hello / zo\xc3\xab \xf0\x9f\x91\x8b\xef\xb8\x8f"),
            "\"hello / zo\xc3\xab \xf0\x9f\x91\x8b\xef\xb8\x8f\"");
}

TEST(JsonString, QuotesBackslashesAndControls_AreEscaped) {
  EXPECT_EQ(written("a\"b\\c\n\r\t\b\f\x01\x1f"), R"("a\"b\\c\n\r\t\b\f\u0001\u001f")");
  EXPECT_EQ(written(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonString, BytesThatAreNoUtf8_BecomeReplacementCharacters) {
  EXPECT_EQ(written("a\xff"
                    "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(written("\xc0\xaf"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(written("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
  EXPECT_EQ(written("\xf0\x9f\x91"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // cut off
}

TEST(JsonNumber, TheWholeRange_IsWritten) {
  std::string out;
  append_json_number(out, INT64_MIN);
  EXPECT_EQ(out, "-9223372036854775808");
}

}  // namespace
}  // namespace base
