#include "redis/classic_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/msgpack_json.hpp"
#include "redis/msgpack_writer.hpp"
#include "redis/test_vectors.hpp"

namespace redis {
namespace {

using testing::describe;
using testing::TestVector;
using testing::to_hex;
using testing::unhex;

class ClassicVectors : public ::testing::TestWithParam<TestVector> {};

TEST_P(ClassicVectors, Decoded_SayWhatWasMeant) {
  const auto& vector = GetParam();
  const ClassicProtocol protocol("socket.io", vector.nsp, "mine__");
  EXPECT_EQ(describe(protocol.decode(vector.message.channel, vector.message.payload)), vector.expected);
}

TEST_P(ClassicVectors, SentByThisMember_AreTheSameBytes) {
  const auto& vector = GetParam();
  const ClassicProtocol protocol("socket.io", vector.nsp, vector.uid);
  if (vector.sent) {
    const auto message = protocol.encode_event(vector.sent->json, vector.sent->options, "");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->channel, vector.message.channel);
    EXPECT_EQ(to_hex(message->payload), to_hex(vector.message.payload));
    EXPECT_EQ(describe(protocol.decode(message->channel, message->payload)), "nothing");
  }
  if (vector.request) {
    const auto message = protocol.encode_answer(*vector.request, vector.answer);
    EXPECT_EQ(message.channel, vector.message.channel);
    EXPECT_EQ(message.payload, vector.message.payload);
  }
}

INSTANTIATE_TEST_SUITE_P(Captured, ClassicVectors, ::testing::ValuesIn(testing::load_test_vectors("classic")));

class ClassicProtocolTest : public ::testing::Test {
 protected:
  static std::string request(std::string_view json) { return describe(mine.decode("socket.io-request#/#", json)); }
  // A broadcast in JSON, as MessagePack.
  static std::string broadcast(std::string_view json) {
    std::string payload;
    EXPECT_TRUE(msgpack::append_from_json(payload, json));
    return describe(mine.decode("socket.io#/#", payload));
  }

  static inline const ClassicProtocol mine{"socket.io", "/", "mine__"};
  static inline const ClassicProtocol peer{"socket.io", "/", "peer__"};
};

TEST_F(ClassicProtocolTest, Channels_AreThoseOfTheNodeMembers) {
  EXPECT_THAT(mine.common_channels(), ::testing::ElementsAre("socket.io#/#", "socket.io-request#/#"));
  EXPECT_EQ(mine.channel_of("user:bob"), "socket.io#/#user:bob#");
}

TEST_F(ClassicProtocolTest, Uid_HasSixCharacters) {
  EXPECT_THAT(ClassicProtocol::make_uid(), ::testing::MatchesRegex("[A-Za-z0-9_-]{6}"));
  EXPECT_NE(ClassicProtocol::make_uid(), ClassicProtocol::make_uid());
}

TEST_F(ClassicProtocolTest, Event_ReachesAPeerWithItsTraceparent) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto message =
      peer.encode_event(R"(["typing",{"isTyping":true}])", {.rooms = {"a", "b"}, .is_volatile = true}, traceparent);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->channel, "socket.io#/#");
  EXPECT_EQ(describe(mine.decode(message->channel, message->payload)),
            R"(event ["typing",{"isTyping":true}] to a to b volatile traceparent )" + traceparent);
}

TEST_F(ClassicProtocolTest, EventThatIsNoJson_IsNotEncoded) {
  EXPECT_FALSE(peer.encode_event("[", {}, ""));
}

TEST_F(ClassicProtocolTest, BroadcastOfThisMember_IsNothingInAnyForm) {
  EXPECT_EQ(broadcast(R"(["mine__",{"type":2,"data":["a"],"nsp":"/"},{"rooms":[],"except":[],"flags":{}}])"),
            "nothing");
  // array16, as no member writes it
  EXPECT_EQ(describe(mine.decode("socket.io#/#", unhex("dc0003a66d696e655f5f82a47479706502a46461746191a16180"))),
            "nothing");
}

TEST_F(ClassicProtocolTest, BroadcastOfAnotherNamespace_IsNothing) {
  EXPECT_EQ(broadcast(R"(["peer__",{"type":2,"data":["a"],"nsp":"/b"},{}])"), "nothing");
  EXPECT_EQ(broadcast(R"(["peer__",{"type":2,"data":["a"]},{}])"), R"(event ["a"])");
}

TEST_F(ClassicProtocolTest, BroadcastWithUnknownMembers_IsRead) {
  EXPECT_EQ(
      broadcast(
          R"(["p",{"id":1,"data":[7,"x"],"type":2,"deep":[[{}]]},{"x":{"y":[]},"flags":{"local":false},"rooms":null}])"),
      R"(event [7,"x"])");
}

TEST_F(ClassicProtocolTest, BroadcastWhoseFlagsAreNil_HasNone) {
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"rooms":["x"],"flags":null}])"), R"(event ["a"] to x)");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"flags":{"volatile":null}}])"), R"(event ["a"])");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"flags":7}])"), "malformed");
}

TEST_F(ClassicProtocolTest, BroadcastThatNoClientWouldTake_IsMalformed) {
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["disconnect"]},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":[]},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":[null]},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":{}},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":1,"data":["a"]},{}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"data":["a"]},{}])"), "malformed");
}

TEST_F(ClassicProtocolTest, BroadcastToRoomsThatAreNone_IsMalformedAndNotForEverybody) {
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"rooms":[null]}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"rooms":[["a"]]}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"rooms":"a"}])"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]},{"rooms":[1.5,-7]}])"), R"(event ["a"] to 1.5 to -7)");
}

TEST_F(ClassicProtocolTest, BroadcastWithMoreRoomsThanTheBound_IsMalformed) {
  for (const std::string list : {"rooms", "except"}) {
    const auto with = [&](int rooms) {
      std::string json = R"(["p",{"type":2,"data":["a"]},{")" + list + R"(":[0)";
      for (int i = 1; i < rooms; ++i) json += "," + std::to_string(i);
      return broadcast(json + "]}]");
    };
    EXPECT_THAT(with(10'000), ::testing::StartsWith("event"));
    EXPECT_EQ(with(10'001), "malformed");
  }
}

TEST_F(ClassicProtocolTest, BroadcastInAnotherForm_IsMalformed) {
  EXPECT_EQ(broadcast(R"([])"), "malformed");
  EXPECT_EQ(broadcast(R"({})"), "malformed");
  EXPECT_EQ(broadcast(R"(["p",{"type":2,"data":["a"]}])"), "malformed");
  EXPECT_EQ(broadcast(R"([1,{"type":2,"data":["a"]},{}])"), "malformed");
  EXPECT_EQ(describe(mine.decode("socket.io#/#", "")), "malformed");
  EXPECT_EQ(describe(mine.decode("socket.io#/#", std::string(1024 * 1024 + 1, 'x'))), "malformed");
}

TEST_F(ClassicProtocolTest, RequestWithoutRequestId_IsMalformedWhereItWantsAnAnswer) {
  EXPECT_EQ(request(R"({"type":1,"uid":"p"})"), "malformed");
  EXPECT_EQ(request(R"({"type":5,"uid":"p","opts":{}})"), "malformed");
  EXPECT_EQ(request(R"({"type":6,"uid":"p","data":["a"]})"), "request server_side_emit of p/");
}

TEST_F(ClassicProtocolTest, RequestInTheOlderForm_NamesOneSocket) {
  EXPECT_EQ(request(R"({"requestId":"r","type":2,"sid":"S","room":"a"})"), "request join of /r sid S room a");
  EXPECT_EQ(request(R"({"requestId":"r","type":3,"sid":"S","room":"a"})"), "request leave of /r sid S room a");
  EXPECT_EQ(request(R"({"requestId":"r","type":4,"sid":"S","close":true})"), "request disconnect of /r sid S close");
  EXPECT_EQ(request(R"({"requestId":"r","type":0,"rooms":["a"]})"), "request socket_ids of /r to a");
}

TEST_F(ClassicProtocolTest, RequestThatNamesNoSocket_IsMalformedAndNotForEverybody) {
  EXPECT_EQ(request(R"({"type":4,"sid":"","close":true})"), "malformed");
  EXPECT_EQ(request(R"({"type":4,"opts":null})"), "malformed");
  EXPECT_EQ(request(R"({"type":4})"), "malformed");
  EXPECT_EQ(request(R"({"type":2,"sid":"S"})"), "malformed");
}

TEST_F(ClassicProtocolTest, RequestToJoinRoomsBeyondTheBound_IsMalformed) {
  const auto join = [](int rooms) {
    std::string json = R"({"type":2,"opts":{},"rooms":["0")";
    for (int i = 1; i < rooms; ++i) json += ",\"" + std::to_string(i) + "\"";
    return request(json + "]}");
  };
  EXPECT_THAT(join(1000), ::testing::StartsWith("request join"));
  EXPECT_EQ(join(1001), "malformed");
}

TEST_F(ClassicProtocolTest, RequestOfThisMemberOrOfAnUnknownType_IsNothing) {
  EXPECT_EQ(request(R"({"type":1,"uid":"mine__","requestId":"r"})"), "nothing");
  EXPECT_EQ(request(R"({"type":10,"uid":"p","requestId":"r"})"), "nothing");
  EXPECT_EQ(request(R"({"type":-1})"), "nothing");
}

TEST_F(ClassicProtocolTest, RequestThatIsNoObject_IsMalformed) {
  EXPECT_EQ(request(""), "malformed");
  EXPECT_EQ(request("{"), "malformed");
  EXPECT_EQ(request("{}"), "malformed");
  EXPECT_EQ(request(R"({"type":"1"})"), "malformed");
  EXPECT_EQ(request("\x90"), "malformed");
}

TEST_F(ClassicProtocolTest, BroadcastWithAckAndAttachments_IsRead) {
  std::string payload;
  ASSERT_TRUE(msgpack::append_from_json(
      payload,
      R"({"uid":"p","requestId":"r","type":7,"packet":{"type":2,"data":["a",{"_placeholder":true,"num":0}]},"opts":{}})",
      {"\x01\x02"}));
  EXPECT_EQ(describe(mine.decode("socket.io-request#/#", payload)),
            R"(request broadcast of p/r event ["a",{"_placeholder":true,"num":0}] +0102)");
}

TEST_F(ClassicProtocolTest, BroadcastWhosePlaceholdersPointNowhere_IsMalformed) {
  std::string payload;
  ASSERT_TRUE(msgpack::append_from_json(
      payload,
      R"({"uid":"p","requestId":"r","type":7,"packet":{"type":2,"data":["a",{"_placeholder":true,"num":7},{"_placeholder":true,"num":0}]},"opts":{}})",
      {"\x01"}));
  EXPECT_EQ(describe(mine.decode("socket.io-request#/#", payload)), "malformed");
}

TEST_F(ClassicProtocolTest, EventWhosePlaceholdersPointNowhere_IsMalformed) {
  const auto event = [](std::string_view placeholder) {
    std::string payload;
    EXPECT_TRUE(msgpack::append_from_json(payload,
                                          R"(["p",{"type":2,"data":["a",)"
                                          R"({"_placeholder":true,"num":0},)" +
                                              std::string(placeholder) + R"(]},{}])",
                                          {"\x01"}));
    return describe(mine.decode("socket.io#/#", payload));
  };
  EXPECT_EQ(event("1"), R"(event ["a",{"_placeholder":true,"num":0},1] +01)");
  EXPECT_EQ(event(R"({"_placeholder":true,"num":7})"), "malformed");
}

TEST_F(ClassicProtocolTest, AckWithoutAnArgument_IsAnsweredWithoutPacket) {
  const auto message = mine.encode_answer({.id = "r"}, {.type = ClusterAnswer::Type::client_ack});
  EXPECT_EQ(to_hex(message.payload), "82a47479706509a9726571756573744964a172");
}

TEST_F(ClassicProtocolTest, OtherChannels_CarryNothing) {
  EXPECT_EQ(describe(mine.decode("socket.io-response#/#", R"({"requestId":"r","rooms":[]})")), "nothing");
}

}  // namespace
}  // namespace redis
