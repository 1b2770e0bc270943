#include "redis/redis_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/contract_test_support.hpp"
#include "redis/fake_commands.hpp"
#include "redis/test_server.hpp"

namespace redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TestServer& server() {
  static TestServer instance;
  return instance;
}

// Both forms on one server, which is no cluster.
class RedisBusTest : public testing::TestWithParam<RedisBus::Mode> {
 protected:
  // Reaches what the bus subscribed, from outside.
  static Reply publish(TestServer& to, std::string_view channel, std::string_view payload) {
    return to.command({GetParam() == RedisBus::Mode::sharded ? "SPUBLISH" : "PUBLISH", channel, payload});
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, RedisBusTest, testing::Values(RedisBus::Mode::classic, RedisBus::Mode::sharded),
                         [](const auto& mode) {
                           return mode.param == RedisBus::Mode::sharded ? "Sharded" : "Classic";
                         });

TEST_P(RedisBusTest, WhatIsPublishedComesToWhoeverSubscribed) {
  RunningBus one(server().options(), GetParam());
  RunningBus other(server().options(), GetParam());
  other.subscribe("room");
  one.await_link(true);
  EXPECT_EQ(publish(server(), "room", "from outside"), integer_reply(1));
  one->publish("room", std::string("a\r\n\0b", 5));
  one->publish("another room", "x");
  one->publish("room", "last");
  other.await_messages(3);
  EXPECT_THAT(other.take_messages(),
              ElementsAre("room=from outside", "room=" + std::string("a\r\n\0b", 5), "room=last"));
  EXPECT_THAT(one.take_messages(), IsEmpty());
}

TEST_P(RedisBusTest, MessagesOfOneThreadArriveInOrder) {
  RunningBus bus(server().options(), GetParam());
  bus.subscribe("room");
  constexpr std::size_t count = 20'000;
  for (std::size_t i = 0; i < count; ++i) bus->publish("room", std::to_string(i));
  bus.await_messages(count);
  const auto messages = bus.take_messages();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(messages[i], "room=" + std::to_string(i));
  EXPECT_EQ(bus.losses(), 0);
}

TEST_P(RedisBusTest, AfterUnsubscribingNothingComes) {
  RunningBus bus(server().options(), GetParam());
  bus.subscribe("left");
  bus.subscribe("room");
  bus->unsubscribe("left");
  while (bus.count("left").value_or(1) != 0) {
  }
  bus->publish("left", "x");
  bus->publish("room", "y");
  bus.await_messages(1);
  EXPECT_THAT(bus.take_messages(), ElementsAre("room=y"));
}

TEST_P(RedisBusTest, OfManyChangesTheLastOneCounts) {
  RunningBus bus(server().options(), GetParam());
  bus.await_link(true);
  for (int i = 0; i < 50; ++i) {
    bus->subscribe("flicker");
    bus->unsubscribe("flicker");
  }
  bus->subscribe("flicker");
  bus->subscribe("flicker");
  bus.await_subscribed("flicker");
  bus.subscribe("end");
  EXPECT_EQ(bus.count("flicker"), 1);
  bus->publish("flicker", "once");
  bus.await_messages(1);
  EXPECT_THAT(bus.take_messages(), ElementsAre("flicker=once"));
}

TEST_P(RedisBusTest, SubscribersOfAllProcessesAreCounted) {
  RunningBus one(server().options(), GetParam());
  RunningBus other(server().options(), GetParam());
  EXPECT_EQ(one.count("counted").value_or(0), 0);
  one.subscribe("counted");
  other.subscribe("counted");
  EXPECT_EQ(one.count("counted"), 2);
}

TEST_P(RedisBusTest, AllChannelsAreSubscribedAgainAfterARestart) {
  TestServer mine;
  RunningBus bus(mine.options(), GetParam());
  constexpr int count = 1'300;
  for (int i = 0; i < count; ++i) bus->subscribe("room" + std::to_string(i));
  for (int i = 0; i < count; ++i) bus.await_subscribed("room" + std::to_string(i));
  mine.kill();
  bus.await_link(false);
  bus->unsubscribe("room7");
  bus->subscribe("room while away");
  mine.restart();
  bus.await_link(true);
  bus.await_subscribed("room while away");
  for (int i = 0; i < count; ++i) {
    if (i != 7) bus.await_subscribed("room" + std::to_string(i), 2);
  }
  EXPECT_EQ(bus.confirmations("room7"), 1);
  EXPECT_EQ(publish(mine, "room7", "x"), integer_reply(0));
  EXPECT_EQ(publish(mine, "room1299", "x"), integer_reply(1));
  bus.await_messages(1);
  EXPECT_THAT(bus.take_messages(), ElementsAre("room1299=x"));
}

TEST_P(RedisBusTest, WhatIsPublishedWhileTheServerIsAwayIsReportedAsLost) {
  TestServer mine;
  RunningBus bus(mine.options(), GetParam());
  bus.subscribe("room");
  mine.kill();
  bus.await_link(false);
  bus->publish("room", "lost");
  EXPECT_EQ(bus.losses(), 0);
  mine.restart();
  bus.await_losses(1);
  bus.await_subscribed("room", 2);
  bus->publish("room", "kept");
  bus.await_messages(1);
  EXPECT_THAT(bus.take_messages(), ElementsAre("room=kept"));
  EXPECT_EQ(bus.losses(), 1);
}

TEST_P(RedisBusTest, AServerThatStandsStillIsNoticedAndItsMessagesAreReported) {
  TestServer mine;
  RunningBus bus(mine.options(), GetParam());
  bus.subscribe("room");
  mine.pause();
  bus->publish("room", "unanswered");
  bus.await_link(false);
  mine.resume();
  bus.await_link(true);
  bus.await_losses(1);
}

TEST_P(RedisBusTest, BeyondItsBoundTheNewestMessagesAreLostAndReported) {
  TestServer mine;
  RunningBus bus(mine.options(), GetParam());
  bus.subscribe("room");
  // Nothing is answered while its thread stands still.
  std::promise<void> go_on;
  bus.thread().post([wait = go_on.get_future().share()] { wait.wait(); });
  const std::string large(1024 * 1024, 'x');
  for (int i = 0; i < 40; ++i) bus->publish("room", std::to_string(i) + large);
  go_on.set_value();
  bus.await_messages(31);
  bus.await_losses(1);
  const auto messages = bus.take_messages();
  ASSERT_EQ(messages.size(), 31U);
  EXPECT_TRUE(messages.back().starts_with("room=30x"));
}

TEST(RedisBusAclTest, AChannelThatRedisRefusesIsTriedAgain) {
  TestServer mine;
  (void)mine.command({"ACL", "SETUSER", "svc", "on", ">pw", "+@all", "~*", "&allowed*"});
  auto options = mine.options();
  options.username = "svc";
  options.password = "pw";
  RunningBus bus(options, RedisBus::Mode::classic);
  bus->subscribe("forbidden");
  bus.subscribe("allowed");
  EXPECT_EQ(bus.confirmations("forbidden"), 0);
  // Asked after the forbidden one was asked by itself.
  bus.subscribe("allowed too");
  EXPECT_THAT(bus->failure(), testing::StartsWith("Redis refuses the subscription to forbidden: NOPERM"));
  (void)mine.command({"ACL", "SETUSER", "svc", "allchannels"});
  bus.await_subscribed("forbidden");
  EXPECT_EQ(bus->failure(), "");
}

}  // namespace
}  // namespace redis
