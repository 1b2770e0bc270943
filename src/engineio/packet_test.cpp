#include "engineio/packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/payload_text.hpp"

namespace engineio {
namespace {

using testing::ElementsAre;

TEST(Packet, TextOfEachType_IsDecodedWithItsData) {
  struct Row {
    std::string_view text;
    PacketType type;
    std::string_view data;
  };
  for (const Row& row :
       {Row{"0{}", PacketType::open, "{}"}, Row{"1", PacketType::close, ""}, Row{"2probe", PacketType::ping, "probe"},
        Row{"3", PacketType::pong, ""}, Row{"4hello", PacketType::message, "hello"}, Row{"4", PacketType::message, ""},
        Row{"5", PacketType::upgrade, ""}, Row{"6", PacketType::noop, ""}}) {
    std::string scratch;
    const auto packet = decode_packet(row.text, scratch);
    ASSERT_TRUE(packet) << row.text;
    EXPECT_EQ(packet->type, row.type) << row.text;
    EXPECT_EQ(packet->data, row.data) << row.text;
    EXPECT_FALSE(packet->is_binary);
  }
}

TEST(Packet, TextThatIsNoPacket_IsRefused) {
  for (const std::string_view text : {"", "7", "abc", "/", "-1", " 4", "b***", "bAQID=", "bAQIDBA=", "bAQIDBB==", "bA",
                                      "b====", "bAQID BAUG", "b=AAA", "bAAA=AAAA"}) {
    std::string scratch;
    EXPECT_FALSE(decode_packet(text, scratch)) << text;
  }
}

TEST(Packet, Base64_IsDecodedToABinaryMessageWithReadableBytesBehind) {
  std::string scratch;
  const auto packet = decode_packet("bAQIDBA==", scratch);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::message);
  EXPECT_TRUE(packet->is_binary);
  EXPECT_EQ(packet->data, std::string_view("\x01\x02\x03\x04", 4));
  EXPECT_GE(scratch.capacity(), scratch.size() + 64);
  EXPECT_TRUE(decode_packet("b", scratch)->data.empty());
}

TEST(Payload, Packets_AreSplitAtSeparators) {
  EXPECT_THAT(*split_payload("4a\x1e"
                             "4b\x1e"
                             "2",
                             10),
              ElementsAre("4a", "4b", "2"));
  EXPECT_THAT(*split_payload("", 10), ElementsAre(""));
  EXPECT_THAT(*split_payload("\x1e", 10), ElementsAre("", ""));
}

TEST(Payload, MorePacketsThanTheMaximum_AreRefused) {
  EXPECT_TRUE(
      split_payload("4\x1e"
                    "4\x1e"
                    "4",
                    3));
  EXPECT_FALSE(
      split_payload("4\x1e"
                    "4\x1e"
                    "4\x1e",
                    3));
}

TEST(Payload, BodyThatIsNoUtf8_IsRefused) {
  EXPECT_TRUE(PayloadText("4gr\xc3\xbc\xc3\x9f"
                          "e")
                  .split(1));
  EXPECT_FALSE(PayloadText("4\xff").split(1));
  EXPECT_FALSE(PayloadText("4\xed\xa0\x80").split(1));
}

std::string in_payload(const OutboundMessage& message) {
  std::string payload = "<";
  message.append_to_payload(payload);
  EXPECT_EQ(payload.size(), 1 + message.payload_size());
  return payload.substr(1);
}

TEST(OutboundMessage, Text_IsOneFrameAndOnePacketOfAPayload) {
  const auto message = OutboundMessage::text("hello");
  EXPECT_EQ(message.frame().view(),
            "\x81\x06"
            "4hello");
  EXPECT_EQ(in_payload(message), "4hello");
}

TEST(OutboundMessage, Binary_IsABinaryFrameAndBase64InAPayload) {
  const auto message = OutboundMessage::binary(std::string_view("\x01\x02\x03\x04", 4));
  EXPECT_EQ(message.frame().view(), "\x82\x04\x01\x02\x03\x04");
  EXPECT_EQ(in_payload(message), "bAQIDBA==");
}

TEST(OutboundMessage, LongText_KeepsItsPayloadBehindTheLongerHeader) {
  for (const std::size_t size : {124U, 125U, 126U, 65'534U, 65'535U, 65'536U}) {
    const std::string text(size, 'x');
    EXPECT_EQ(in_payload(OutboundMessage::text(text)), "4" + text);
  }
}

TEST(OutboundMessage, OtherPackets_CarryTheirType) {
  EXPECT_EQ(in_payload(OutboundMessage::packet(PacketType::ping)), "2");
  EXPECT_EQ(in_payload(OutboundMessage::packet(PacketType::pong, "probe")), "3probe");
}

}  // namespace
}  // namespace engineio
