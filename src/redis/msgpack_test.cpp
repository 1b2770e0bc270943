#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/msgpack_json.hpp"
#include "redis/msgpack_writer.hpp"
#include "redis/test_vectors.hpp"

namespace redis::msgpack {
namespace {

using ::testing::ElementsAre;
using testing::to_hex;
using testing::unhex;

struct Json {
  std::string text{};
  std::vector<std::string> attachments{};
};

// Nothing where the bytes, given as hex digits, are malformed.
std::optional<Json> decode(std::string_view digits) {
  const auto bytes = unhex(digits);
  // On the heap and without anything behind it, so that reading beyond the end is caught.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  Reader reader({exact.data(), exact.size()});
  Json json;
  if (!append_as_json(json.text, reader, json.attachments) || !reader.is_at_end()) return std::nullopt;
  return json;
}
std::string decoded(std::string_view digits) {
  const auto json = decode(digits);
  return json ? json->text : "malformed";
}

std::string encoded(std::string_view json, const std::vector<std::string>& attachments = {}) {
  std::string bytes;
  return append_from_json(bytes, json, attachments) ? to_hex(bytes) : "malformed";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(MsgpackWriter, Integers_TakeTheShortestForm) {
  EXPECT_EQ(encoded("[0,127,128,255,256,65535,65536,4294967295,4294967296]"),
            "9900"
            "7f"
            "cc80"
            "ccff"
            "cd0100"
            "cdffff"
            "ce00010000"
            "ceffffffff"
            "cf0000000100000000");
  EXPECT_EQ(encoded("[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649]"),
            "99ff"
            "e0"
            "d0df"
            "d080"
            "d1ff7f"
            "d18000"
            "d2ffff7fff"
            "d280000000"
            "d3ffffffff7fffffff");
  EXPECT_EQ(encoded("[9223372036854775807,-9223372036854775808,18446744073709551615]"),
            "93cf7fffffffffffffffd38000000000000000cfffffffffffffffff");
}

TEST(MsgpackWriter, RealNumbers_AreIntegersWhereJavaScriptSeesThem) {
  EXPECT_EQ(encoded("[1.5,1.0,-0.0,1e3,9007199254740992.0,1e300]"),
            "96cb3ff8000000000000"
            "01"
            "00"
            "cd03e8"
            "cf0020000000000000"
            "cb7e37e43c8800759c");
}

TEST(MsgpackWriter, Sizes_TakeTheShortestForm) {
  const auto size_of = [](std::size_t length) {
    std::string out;
    append_string(out, std::string(length, 'x'));
    return to_hex(out.substr(0, out.size() - length));
  };
  EXPECT_EQ(size_of(31), "bf");
  EXPECT_EQ(size_of(32), "d920");
  EXPECT_EQ(size_of(255), "d9ff");
  EXPECT_EQ(size_of(256), "da0100");
  EXPECT_EQ(size_of(65536), "db00010000");
  std::string out;
  append_array_header(out, 15);
  append_array_header(out, 16);
  append_array_header(out, 65536);
  append_map_header(out, 15);
  append_map_header(out, 16);
  append_map_header(out, 65536);
  append_binary(out, "");
  EXPECT_EQ(to_hex(out),
            "9f"
            "dc0010"
            "dd00010000"
            "8f"
            "de0010"
            "df00010000"
            "c400");
}

TEST(MsgpackWriter, Placeholders_BecomeTheirAttachments) {
  EXPECT_EQ(encoded(R"([{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])", {"a", "b"}), "92c40162c40161");
  EXPECT_EQ(encoded(R"({"_placeholder":true,"num":2})", {"a"}), "82ac5f706c616365686f6c646572c3a36e756d02");
  EXPECT_EQ(encoded(R"({"_placeholder":true,"num":0})"), "82ac5f706c616365686f6c646572c3a36e756d00");
}

TEST(MsgpackWriter, TextThatIsNoJson_IsRefused) {
  EXPECT_EQ(encoded("[1"), "malformed");
  EXPECT_EQ(encoded(nested(40)), "malformed");
}

TEST(MsgpackJson, EverythingThatJsonHas_ComesBack) {
  for (const auto* const json :
       {R"(["hello","world",1,{"a":[true,null,1.5,false]}])", R"({})", R"([])", R"(["héllo\n\"\u0001",-7])",
        R"([18446744073709551615,-9223372036854775808,1e+300,5e-324])"}) {
    EXPECT_EQ(decoded(encoded(json)), json);
  }
}

TEST(MsgpackReader, EveryFormOfANumber_IsRead) {
  EXPECT_EQ(decoded("9c"
                    "7f"
                    "e0"
                    "ccff"
                    "cdffff"
                    "ceffffffff"
                    "cfffffffffffffffff"
                    "d0ff"
                    "d1fffe"
                    "d2fffffffd"
                    "d3fffffffffffffffc"
                    "ca3fc00000"
                    "cbc004000000000000"),
            "[127,-32,255,65535,4294967295,18446744073709551615,-1,-2,-3,-4,1.5,-2.5]");
}

TEST(MsgpackReader, WhatIsNoNumber_IsNull) {
  EXPECT_EQ(decoded("94"
                    "cb7ff8000000000000"
                    "cb7ff0000000000000"
                    "cafff80000"
                    "c0"),
            "[null,null,null,null]");
}

TEST(MsgpackReader, EveryFormOfASize_IsRead) {
  EXPECT_EQ(decoded("96"
                    "a161"
                    "d90162"
                    "da000163"
                    "db0000000164"
                    "dc000101"
                    "dd0000000102"),
            R"(["a","b","c","d",[1],[2]])");
  EXPECT_EQ(decoded("92"
                    "de0001a16101"
                    "df00000001a16202"),
            R"([{"a":1},{"b":2}])");
}

TEST(MsgpackReader, KeysThatAreNumbers_BecomeNames) {
  EXPECT_EQ(decoded("82"
                    "2a01"
                    "ff02"),
            R"({"42":1,"-1":2})");
  EXPECT_EQ(decoded("81c001"), "malformed");
}

TEST(MsgpackReader, BinaryValues_BecomeAttachmentsInOrder) {
  const auto json = decode(
      "92"
      "81a161c40101"
      "93c500010201c60000000103");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->text,
            R"([{"a":{"_placeholder":true,"num":0}},[{"_placeholder":true,"num":1},1,{"_placeholder":true,"num":2}]])");
  EXPECT_THAT(json->attachments, ElementsAre("\x01", "\x02", "\x03"));
}

TEST(MsgpackReader, MoreAttachmentsThanAClientTakes_AreMalformed) {
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "c40100";
  EXPECT_TRUE(decode("9a" + ten));
  EXPECT_FALSE(decode("9b" + ten + "c40100"));
}

TEST(MsgpackReader, Dates_AreWrittenAsJavaScriptDoes) {
  EXPECT_EQ(decoded("d6ff00000000"), R"("1970-01-01T00:00:00.000Z")");
  EXPECT_EQ(decoded("d6ff6a0314e4"), R"("2026-05-12T11:54:12.000Z")");
  EXPECT_EQ(decoded("d7ff1d5385c000000001"), R"("1970-01-01T00:00:01.123Z")");
  EXPECT_EQ(decoded("d7ff77359402ffffbd2c"), R"("2378-04-22T14:39:40.500Z")");
  EXPECT_EQ(decoded("c70cff3b8b87c0ffffffffffffffff"), R"("1969-12-31T23:59:59.999Z")");
  EXPECT_EQ(decoded("c70cff00000000fffffff1868a3280"), R"("-000001-12-31T00:00:00.000Z")");
  EXPECT_EQ(decoded("c70cff000f42400000004c3ac32680"), R"("+012345-01-01T00:00:00.001Z")");
  EXPECT_EQ(decoded("c70cff00000000fffff82457de8000"), R"("-271821-04-20T00:00:00.000Z")");
  EXPECT_EQ(decoded("c70cff00000000000007dba8218000"), R"("+275760-09-13T00:00:00.000Z")");
  EXPECT_EQ(decoded("c70cff00000000000007dba8218001"), "null");
  EXPECT_EQ(decoded("c70cff000000007fffffffffffffff"), "null");
  // the form of older members, in milliseconds
  EXPECT_EQ(decoded("d70000000000000003e8"), R"("1970-01-01T00:00:01.000Z")");
}

TEST(MsgpackReader, OtherExtensions_AreWhatNodeMembersMakeOfThem) {
  EXPECT_EQ(decoded("d40000"), "null");
  EXPECT_EQ(decoded("d405aa"), R"([5,{"_placeholder":true,"num":0}])");
  const auto buffer = decode("c70200aabb");
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer->text, R"({"_placeholder":true,"num":0})");
  EXPECT_THAT(buffer->attachments, ElementsAre("\xaa\xbb"));
}

TEST(MsgpackReader, BytesThatAreNoUtf8_AreReplaced) {
  EXPECT_EQ(decoded("a261ff"), "\"a\xEF\xBF\xBD\"");
}

class RefusesMalformedMsgpack : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RefusesMalformedMsgpack, Whole) {
  EXPECT_EQ(decoded(GetParam()), "malformed");
}

INSTANTIATE_TEST_SUITE_P(Forms, RefusesMalformedMsgpack,
                         ::testing::Values("", "c1", "91", "81a161", "a5616263", "ddffffffff", "dfffffffff",
                                           "dfffffffffa16101", "dbffffffff61", "c6ffffffff", "c9ffffffff00", "cd00",
                                           "cb00", "d6ff0000", "d8", "c70bff00", "0101"));

TEST(MsgpackReader, DepthBeyondTheBound_IsMalformed) {
  const auto arrays = [](std::size_t depth) {
    std::string digits;
    for (std::size_t i = 0; i + 1 < depth; ++i) digits += "91";
    return digits + "90";
  };
  EXPECT_EQ(decoded(arrays(32)), nested(32));
  EXPECT_EQ(decoded(arrays(33)), "malformed");
  EXPECT_EQ(decoded(arrays(1'000'000)), "malformed");
}

TEST(MsgpackReader, Skip_PassesOverOneValueHoweverDeep) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += '\x91';
  bytes += "\xc0\x07";
  Reader reader(bytes);
  EXPECT_TRUE(reader.skip());
  EXPECT_EQ(reader.next()->natural, 7U);
  EXPECT_TRUE(reader.is_at_end());
  EXPECT_FALSE(reader.skip());
}

}  // namespace
}  // namespace redis::msgpack
