#include "socketio/json.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "socketio/json_repair.hpp"

namespace socketio {
namespace {

// The text as this project prints it again; nothing where it is malformed.
std::optional<std::string> parsed(std::string text) {
  const auto size = text.size();
  // Garbage, so that reading beyond the end would be seen.
  text.append(simdjson::SIMDJSON_PADDING, ']');
  const auto element = parse_json(std::string_view(text).substr(0, size));
  if (!element) return std::nullopt;
  return simdjson::minify(*element);
}

class RefusesMalformedJson : public testing::TestWithParam<std::string> {};

TEST_P(RefusesMalformedJson, Whole) {
  EXPECT_EQ(parsed(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Json, RefusesMalformedJson,
                         testing::Values("", " ", "[", "[1", "[1]x", "[1] 2", "[1]]", "[1,]", "[,1]", "{\"a\"}",
                                         "{a:1}", "['a']", "nul", "[NaN]", "[01]", "[-]", "[1.]", "[.5]", "[+1]",
                                         "[1e]", "[01e400]", "[\"\\q\"]", "[\"\\u12\"]", "[\"\\ud8\"]", "[\"a]",
                                         "[\"\\", "[\"\\u", "[\"\\ud800", std::string("[\"\x01\"]"),
                                         std::string("[\"\xff\"]"), std::string("[\"\xed\xa0\x80\"]"),
                                         std::string("\xef\xbb\xbf[1]"), std::string("[1]\0", 4)));

TEST(ParseJson, OfTextWithWhitespaceAround_Succeeds) {
  EXPECT_EQ(parsed(" \t\r\n[1, 2]\n "), "[1,2]");
}

TEST(ParseJson, OfALoneSurrogateEscape_ReadsANullCharacter) {
  EXPECT_EQ(parsed(R"(["\ud800"])"), R"(["\u0000"])");
  EXPECT_EQ(parsed(R"(["a\uDC00b"])"), R"(["a\u0000b"])");
  EXPECT_EQ(parsed(R"(["\ud800\ud83d\ude00"])"), "[\"\\u0000\U0001F600\"]");
  EXPECT_EQ(parsed(R"(["\ud800\u0041"])"), R"(["\u0000A"])");
  EXPECT_EQ(parsed(R"({"\udfff":1})"), R"({"\u0000":1})");
}

TEST(ParseJson, OfANumberBeyondADouble_ReadsTheLargest) {
  EXPECT_EQ(parsed("[1e400]"), parsed("[1e308]"));
  EXPECT_EQ(parsed("[-1e400]"), parsed("[-1e308]"));
  EXPECT_EQ(parsed("[" + std::string(400, '9') + "]"), parsed("[1e308]"));
}

TEST(ParseJson, OfAnIntegerBeyond64Bits_ReadsADouble) {
  EXPECT_EQ(parsed("[12345678901234567890123]"), parsed("[12345678901234567890123.0]"));
  EXPECT_EQ(parsed("[-9223372036854775809]"), parsed("[-9223372036854775808.0]"));
  EXPECT_EQ(parsed("[18446744073709551615]"), "[18446744073709551615]");
}

TEST(ParseJson, OfANumberTooSmallForADouble_ReadsZero) {
  EXPECT_EQ(parsed("[1e-400,1e400]"), parsed("[0.0,1e308]"));
}

TEST(ParseJson, OfOneRepairableAndOneBrokenPart_IsMalformed) {
  EXPECT_EQ(parsed(R"(["\ud800",01])"), std::nullopt);
  EXPECT_EQ(parsed(R"([1e400,"\q"])"), std::nullopt);
}

TEST(ParseJson, AtTheDepthThatIsAccepted_SucceedsAndOneDeeperFails) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  EXPECT_TRUE(parsed(nested(json_depth_max)));
  EXPECT_FALSE(parsed(nested(json_depth_max + 1)));
  EXPECT_FALSE(parsed(nested(100'000)));
}

TEST(ParseJson, OfLongText_SucceedsUpToAMebibyte) {
  const auto of_size = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
  EXPECT_TRUE(parsed(of_size(300 * 1024)));
  EXPECT_TRUE(parsed("[1]"));
  EXPECT_TRUE(parsed(of_size(1024 * 1024)));
  EXPECT_FALSE(parsed(of_size(1024 * 1024 + 1)));
}

TEST(ParseJson, OfDuplicateAndPrototypeKeys_TakesThemAsPlainKeys) {
  EXPECT_EQ(parsed(R"({"__proto__":{"a":1},"a":1,"a":2})"), R"({"__proto__":{"a":1},"a":1,"a":2})");
}

TEST(RepairJson, LeavesEverythingElseAsItWas) {
  for (const std::string text : {R"(["\ud83d\ude00","\\ud800","\"",1.5e3,-0,1E+2,123456789012345678,"1e400"])",
                                 R"([1.2.3,--1,1e5e5])", R"(["open)", R"(["\)", ""}) {
    EXPECT_EQ(repair_json(text), text);
  }
}

TEST(ParseJson, OfTextWithNothingBehindIt_CopiesItFirst) {
  // On the heap, so that reading beyond the end is caught.
  const std::vector<char> text{'[', '1', ']'};
  EXPECT_TRUE(parse_unpadded_json({text.data(), text.size()}));
  EXPECT_FALSE(parse_unpadded_json({text.data(), 2}));
  EXPECT_TRUE(parse_unpadded_json("[\"" + std::string(300 * 1024, 'x') + "\"]"));
  EXPECT_FALSE(parse_unpadded_json("[\"" + std::string(1024 * 1024, 'x') + "\"]"));
}

}  // namespace
}  // namespace socketio
