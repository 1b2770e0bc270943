#include "redis/sharded_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/msgpack_json.hpp"
#include "redis/test_vectors.hpp"

namespace redis {
namespace {

using testing::describe;
using testing::TestVector;
using testing::to_hex;

class ShardedVectors : public ::testing::TestWithParam<TestVector> {};

TEST_P(ShardedVectors, Decoded_SayWhatWasMeant) {
  const auto& vector = GetParam();
  const ShardedProtocol protocol("socket.io", vector.nsp, "0123456789abcdef");
  EXPECT_EQ(describe(protocol.decode(vector.message.channel, vector.message.payload)), vector.expected);
}

TEST_P(ShardedVectors, SentByThisMember_AreTheSameBytes) {
  const auto& vector = GetParam();
  const ShardedProtocol protocol("socket.io", vector.nsp, vector.uid);
  if (vector.sent) {
    const auto message = protocol.encode_event(vector.sent->json, vector.sent->options, "");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->channel, vector.message.channel);
    EXPECT_EQ(message->payload, vector.message.payload);
    EXPECT_EQ(describe(protocol.decode(message->channel, message->payload)), "nothing");
  }
  if (vector.request) {
    const auto message = protocol.encode_answer(*vector.request, vector.answer);
    EXPECT_EQ(message.channel, vector.message.channel);
    EXPECT_EQ(message.payload, vector.message.payload);
  }
}

INSTANTIATE_TEST_SUITE_P(Captured, ShardedVectors, ::testing::ValuesIn(testing::load_test_vectors("sharded")));

class ShardedProtocolTest : public ::testing::Test {
 protected:
  static std::string decoded(std::string_view json) { return describe(mine.decode("socket.io#/#", json)); }

  static inline const ShardedProtocol mine{"socket.io", "/", "0123456789abcdef"};
  static inline const ShardedProtocol peer{"socket.io", "/", "fedcba9876543210"};
};

TEST_F(ShardedProtocolTest, Channels_AreThoseOfTheNodeMembers) {
  EXPECT_THAT(mine.common_channels(), ::testing::ElementsAre("socket.io#/#"));
  EXPECT_EQ(mine.channel_of("user:bob"), "socket.io#/#user:bob#");
}

TEST_F(ShardedProtocolTest, RoomAsLongAsASocketsId_HasNoChannel) {
  EXPECT_EQ(mine.channel_of(std::string(20, 'x')), "socket.io#/#");
  EXPECT_EQ(mine.channel_of(std::string(19, 'x') + "é"), "socket.io#/#");
  EXPECT_EQ(mine.channel_of(std::string(18, 'x') + "😀"), "socket.io#/#");
  EXPECT_EQ(mine.channel_of(std::string(19, 'x') + "😀"), "socket.io#/#" + std::string(19, 'x') + "😀#");
}

TEST_F(ShardedProtocolTest, Uid_HasSixteenHexadecimalDigits) {
  EXPECT_THAT(ShardedProtocol::make_uid(), ::testing::MatchesRegex("[0-9a-f]{16}"));
}

TEST_F(ShardedProtocolTest, Event_ReachesAPeerWithItsTraceparent) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (const bool is_volatile : {false, true}) {
    const auto message = peer.encode_event(R"(["a",1])", {.rooms = {"x\"y"}, .is_volatile = is_volatile}, traceparent);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->channel, "socket.io#/#x\"y#");
    EXPECT_EQ(
        describe(mine.decode(message->channel, message->payload)),
        std::string(R"(event ["a",1] to x"y)") + (is_volatile ? " volatile" : "") + " traceparent " + traceparent);
  }
}

TEST_F(ShardedProtocolTest, MessageOfThisMember_IsNothingInAnyForm) {
  EXPECT_EQ(decoded(R"({"uid":"0123456789abcdef","nsp":"/","type":9,"data":{"packet":["a"]}})"), "nothing");
}

TEST_F(ShardedProtocolTest, MessageOfAnotherNamespace_IsNothing) {
  EXPECT_EQ(decoded(R"({"type":9,"data":{"packet":["a"]},"uid":"p","nsp":"/b"})"), "nothing");
  EXPECT_EQ(decoded(R"({"type":9,"data":{"packet":["a"]},"uid":"p"})"), "nothing");
}

TEST_F(ShardedProtocolTest, MessageOfAnUnknownType_IsNothing) {
  for (const auto* const type : {"0", "1", "2", "13", "99", "-3"}) {
    EXPECT_EQ(decoded(std::string(R"({"type":)") + type + R"(,"uid":"p","nsp":"/"})"), "nothing");
  }
}

TEST_F(ShardedProtocolTest, MessageInAnotherForm_IsMalformed) {
  EXPECT_EQ(decoded(""), "malformed");
  EXPECT_EQ(decoded("{"), "malformed");
  EXPECT_EQ(decoded("[]"), "malformed");
  EXPECT_EQ(decoded(R"({"type":"3","data":{},"uid":"p","nsp":"/"})"), "malformed");
  EXPECT_EQ(decoded(R"({"type":3,"uid":"p","nsp":"/"})"), "malformed");
  EXPECT_EQ(decoded(R"({"type":3,"data":{"packet":{"type":2,"data":["connect"]},"opts":{}},"uid":"p","nsp":"/"})"),
            "malformed");
  EXPECT_EQ(
      decoded(R"({"type":3,"data":{"packet":{"type":2,"data":["a"]},"opts":{"rooms":[{}]}},"uid":"p","nsp":"/"})"),
      "malformed");
  EXPECT_EQ(decoded(R"({"type":6,"data":{"close":true},"uid":"p","nsp":"/"})"), "malformed");
  EXPECT_EQ(decoded(R"({"type":7,"data":{"opts":{}},"uid":"p","nsp":"/"})"), "malformed");
}

TEST_F(ShardedProtocolTest, EventWithMoreRoomsThanTheBound_IsMalformed) {
  const auto with = [](std::string_view list, int rooms) {
    std::string json =
        R"({"type":3,"data":{"packet":{"type":2,"data":["a"]},"opts":{")" + std::string(list) + R"(":[0)";
    for (int i = 1; i < rooms; ++i) json += "," + std::to_string(i);
    return decoded(json + R"(]}},"uid":"p","nsp":"/"})");
  };
  for (const auto* const list : {"rooms", "except"}) {
    EXPECT_THAT(with(list, 10'000), ::testing::StartsWith("event"));
    EXPECT_EQ(with(list, 10'001), "malformed");
  }
}

TEST_F(ShardedProtocolTest, AckWithAttachments_IsAnsweredInMsgpack) {
  const auto message = mine.encode_answer(
      {.requester = "p", .id = "r"},
      {.type = ClusterAnswer::Type::client_ack, .json = R"({"_placeholder":true,"num":0})", .attachments = {"\x01"}});
  EXPECT_EQ(message.channel, "socket.io#/#p#");
  msgpack::Reader reader(message.payload);
  std::string json;
  std::vector<std::string> attachments;
  ASSERT_TRUE(msgpack::append_as_json(json, reader, attachments));
  EXPECT_EQ(
      json,
      R"({"type":12,"data":{"requestId":"r","packet":{"_placeholder":true,"num":0}},"uid":"0123456789abcdef","nsp":"/"})");
}

TEST_F(ShardedProtocolTest, AckWithoutAnArgument_IsAnsweredWithoutPacket) {
  const auto message = mine.encode_answer({.requester = "p", .id = "r"}, {.type = ClusterAnswer::Type::client_ack});
  EXPECT_EQ(message.payload, R"({"type":12,"data":{"requestId":"r"},"uid":"0123456789abcdef","nsp":"/"})");
}

}  // namespace
}  // namespace redis
