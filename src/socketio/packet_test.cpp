#include "socketio/packet.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace socketio {
namespace {

struct Good {
  std::string_view text;
  PacketType type;
  std::uint8_t attachments;
  std::string_view nsp;
  std::optional<AckId> ack_id;
  std::string_view json;
};
void PrintTo(const Good& row, std::ostream* out) {
  *out << row.text;
}

class DecodesGoodPacket : public testing::TestWithParam<Good> {};

TEST_P(DecodesGoodPacket, IntoItsParts) {
  const auto packet = decode_packet(GetParam().text);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, GetParam().type);
  EXPECT_EQ(packet->attachments, GetParam().attachments);
  EXPECT_EQ(packet->nsp, GetParam().nsp);
  EXPECT_EQ(packet->ack_id, GetParam().ack_id);
  EXPECT_EQ(packet->json, GetParam().json);
}

using enum PacketType;
INSTANTIATE_TEST_SUITE_P(
    Packet, DecodesGoodPacket,
    testing::Values(
        Good{"0", connect, 0, "/", {}, ""}, Good{R"(0{"token":"x"})", connect, 0, "/", {}, R"({"token":"x"})"},
        Good{"0/admin", connect, 0, "/admin", {}, ""}, Good{"0/admin,", connect, 0, "/admin", {}, ""},
        Good{"0/,", connect, 0, "/", {}, ""}, Good{"0/nope?token=1,", connect, 0, "/nope?token=1", {}, ""},
        Good{R"(0/a%20b,{"c":1})", connect, 0, "/a%20b", {}, R"({"c":1})"}, Good{"1", disconnect, 0, "/", {}, ""},
        Good{"1/custom,", disconnect, 0, "/custom", {}, ""}, Good{R"(2["m",1])", event, 0, "/", {}, R"(["m",1])"},
        Good{"2", event, 0, "/", {}, ""}, Good{R"(2007["m"])", event, 0, "/", 7, R"(["m"])"},
        Good{R"(20["m"])", event, 0, "/", 0, R"(["m"])"}, Good{R"(2000["m"])", event, 0, "/", 0, R"(["m"])"},
        Good{R"(2/admin,456["m"])", event, 0, "/admin", 456, R"(["m"])"},
        Good{R"(2999999999999999["m"])", event, 0, "/", 999'999'999'999'999, R"(["m"])"},
        Good{R"(2 ["m"])", event, 0, "/", {}, R"( ["m"])"}, Good{"2abc[1]", event, 0, "/", {}, "abc[1]"},
        Good{"31[]", ack, 0, "/", 1, "[]"}, Good{"4{}", connect_error, 0, "/", {}, "{}"},
        Good{R"(51-["m"])", binary_event, 1, "/", {}, R"(["m"])"},
        Good{R"(510-/a,7["m"])", binary_event, 10, "/a", 7, R"(["m"])"},
        Good{"62-789[1]", binary_ack, 2, "/", 789, "[1]"}));

class RefusesBadPacket : public testing::TestWithParam<std::string_view> {};

TEST_P(RefusesBadPacket, Whole) {
  EXPECT_FALSE(decode_packet(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Packet, RefusesBadPacket,
                         testing::Values("", "7", "abc", " 2[]", "-", "5", "5-", "51", "50-[]", "500-[]", "501-[]",
                                         "511-[]", "5-1-[]", "51.5-[]", "51e1-[]", "5+1-[]", "5 1-[]", R"(5["m"])",
                                         "5/a,1-[]", R"(599999999-["x"])", "6-[]", "60-[]", "611-[]", "6",
                                         R"(21000000000000000["m"])", R"(399999999999999999999[])"));

std::string encoded(PacketType type, std::string_view nsp, std::optional<AckId> ack_id, std::string_view json,
                    std::size_t attachments = 0) {
  std::string payload;
  encode_packet(type, nsp, ack_id, json, attachments).append_to_payload(payload);
  return payload;
}

TEST(EncodePacket, OfTheMainNamespace_LeavesTheNameOut) {
  EXPECT_EQ(encoded(event, "/", {}, R"(["m"])"), R"(42["m"])");
  EXPECT_EQ(encoded(ack, "/", 456, "[1]"), "43456[1]");
  EXPECT_EQ(encoded(disconnect, "/", {}, ""), "41");
}

TEST(EncodePacket, OfAnotherNamespace_NamesIt) {
  EXPECT_EQ(encoded(connect, "/custom", {}, R"({"sid":"x"})"), R"(40/custom,{"sid":"x"})");
  EXPECT_EQ(encoded(disconnect, "/custom", {}, ""), "41/custom,");
}

TEST(EncodePacket, OfABinaryType_CountsItsAttachments) {
  EXPECT_EQ(encoded(binary_event, "/", {}, "[1]", 2), "452-[1]");
  EXPECT_EQ(encoded(binary_ack, "/a", 0, "[1]", 10), "4610-/a,0[1]");
}

}  // namespace
}  // namespace socketio
