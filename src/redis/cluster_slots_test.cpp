#include "redis/cluster_slots.hpp"

#include <gtest/gtest.h>

#include "redis/fake_commands.hpp"

namespace redis {
namespace {

const Endpoint asked{"10.0.0.1", 7000};

Reply range(std::int64_t first, std::int64_t last, Reply host, std::int64_t port) {
  return array_reply({integer_reply(first), integer_reply(last),
                      array_reply({std::move(host), integer_reply(port), text_reply("id"), array_reply({})})});
}

TEST(KeySlotTest, SlotsAreThoseOfTheSpecification) {
  EXPECT_EQ(key_slot("123456789"), 0x31C3);
  EXPECT_EQ(key_slot("foo"), 12182);
  EXPECT_EQ(key_slot("user:sockets:alice"), key_slot("user:sockets:alice"));
  EXPECT_EQ(key_slot(""), 0);
}

TEST(KeySlotTest, AHashTagAloneDecides) {
  EXPECT_EQ(key_slot("{user1000}.following"), key_slot("user1000"));
  EXPECT_EQ(key_slot("foo{bar}{zap}"), key_slot("bar"));
  EXPECT_EQ(key_slot("foo{{bar}}zap"), key_slot("{bar"));
  EXPECT_NE(key_slot("foo{}{bar}"), key_slot("bar"));
  EXPECT_NE(key_slot("foo{bar"), key_slot("bar"));
}

TEST(ClusterSlotsTest, EachRangeHasItsMaster) {
  const auto slots =
      parse_slots(array_reply({range(0, 5460, text_reply("a"), 1), range(5461, 16383, text_reply("b"), 2)}), asked);
  ASSERT_TRUE(slots);
  EXPECT_EQ(*slots->owner(0), (Endpoint{"a", 1}));
  EXPECT_EQ(*slots->owner(5460), (Endpoint{"a", 1}));
  EXPECT_EQ(*slots->owner(5461), (Endpoint{"b", 2}));
  EXPECT_EQ(slots->masters().size(), 2U);
}

TEST(ClusterSlotsTest, ASlotThatNobodyNamesHasNoOwner) {
  const auto slots = parse_slots(array_reply({range(1, 1, text_reply("a"), 1)}), asked);
  ASSERT_TRUE(slots);
  EXPECT_EQ(slots->owner(0), nullptr);
}

TEST(ClusterSlotsTest, ANodeThatDoesNotKnowItsNameIsTheOneThatWasAsked) {
  for (auto host : {Reply{}, text_reply(""), text_reply("?")}) {
    const auto slots = parse_slots(array_reply({range(0, 16383, host, 7001)}), asked);
    ASSERT_TRUE(slots);
    EXPECT_EQ(*slots->owner(7), (Endpoint{"10.0.0.1", 7001}));
  }
}

TEST(ClusterSlotsTest, MalformedRepliesGiveNothing) {
  EXPECT_FALSE(parse_slots(error_reply("ERR This instance has cluster support disabled"), asked));
  EXPECT_FALSE(parse_slots(array_reply({}), asked));
  EXPECT_FALSE(parse_slots(array_reply({integer_reply(1)}), asked));
  EXPECT_FALSE(parse_slots(array_reply({range(5, 4, text_reply("a"), 1)}), asked));
  EXPECT_FALSE(parse_slots(array_reply({range(-1, 4, text_reply("a"), 1)}), asked));
  EXPECT_FALSE(parse_slots(array_reply({range(0, 16384, text_reply("a"), 1)}), asked));
  EXPECT_FALSE(parse_slots(array_reply({range(0, 1, text_reply("a"), 0)}), asked));
  EXPECT_FALSE(parse_slots(array_reply({range(0, 1, integer_reply(3), 1)}), asked));
}

TEST(RedirectionTest, MovedAndAskNameTheSlotAndTheNode) {
  const auto moved = parse_redirection(error_reply("MOVED 3999 127.0.0.1:6381"), asked);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->kind, Redirection::Kind::moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to, (Endpoint{"127.0.0.1", 6381}));
  const auto ask = parse_redirection(error_reply("ASK 1 ::1:6381"), asked);
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->kind, Redirection::Kind::ask);
  EXPECT_EQ(ask->to, (Endpoint{"::1", 6381}));
}

TEST(RedirectionTest, ANodeWithoutANameIsOnTheHostThatWasAsked) {
  const auto moved = parse_redirection(error_reply("MOVED 3999 :6381"), asked);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->to, (Endpoint{"10.0.0.1", 6381}));
}

TEST(RedirectionTest, OtherErrorsAndMalformedOnesAreNone) {
  for (const auto* text : {"ERR x", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 a", "MOVED 1 a:", "MOVED 1 a:0",
                           "MOVED 16384 a:1", "MOVED x a:1", "MOVED a:1", "ASK a:1 "}) {
    EXPECT_FALSE(parse_redirection(error_reply(text), asked)) << text;
  }
  EXPECT_FALSE(parse_redirection(text_reply("MOVED 3999 127.0.0.1:6381"), asked));
}

}  // namespace
}  // namespace redis
