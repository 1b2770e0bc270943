// RedisClient and RedisBus with three masters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "redis/cluster_slots.hpp"
#include "redis/contract_test_support.hpp"
#include "redis/fake_commands.hpp"
#include "redis/test_server.hpp"

namespace redis {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class RedisClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { cluster_ = std::make_unique<TestCluster>(); }
  static void TearDownTestSuite() { cluster_.reset(); }
  static TestCluster& cluster() { return *cluster_; }

 private:
  static inline std::unique_ptr<TestCluster> cluster_;
};

TEST_F(RedisClusterTest, EachCommandGoesToTheOwnerOfItsKey) {
  RunningClient client(cluster().options());
  for (int i = 0; i < 50; ++i) {
    const auto key = "key" + std::to_string(i);
    EXPECT_EQ(client({"SET", key, "v"}), status_reply()) << key;
    EXPECT_EQ(client({"EVAL", "return redis.call('get', KEYS[1])", "1", key}), text_reply("v")) << key;
  }
}

TEST_F(RedisClusterTest, OneNodeLeadsToTheOthers) {
  auto options = cluster().options();
  options.endpoints = {{"127.0.0.1", free_port()}, options.endpoints[2]};
  RunningClient client(options);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(client({"INCR", "{" + std::to_string(i) + "}n"})) << i;
}

TEST_F(RedisClusterTest, ASlotThatMovesIsFollowedInOrder) {
  RunningClient client(cluster().options());
  // No key may lie in a slot that is handed over by hand: counted is what the connection itself sends.
  const std::string key = "{moving}";
  const auto from = cluster().owner_of(key);
  std::vector<std::future<base::Result<Reply>>> replies;
  for (int i = 0; i < 200; ++i) {
    if (i == 100) cluster().move_slot(key, (from + 1) % 3);
    replies.push_back(client.send({"EXISTS", key}));
  }
  for (auto& each : replies) EXPECT_EQ(net::wait_for(std::move(each)), integer_reply(0));
  EXPECT_EQ(cluster().owner_of(key), (from + 1) % 3);
}

TEST_F(RedisClusterTest, AKeyThatIsOnItsWayIsAskedForWhereItIs) {
  RunningClient client(cluster().options());
  const std::string key = "{migrating}key";
  ASSERT_EQ(client({"SET", key, "v"}), status_reply());
  const auto from = cluster().owner_of(key);
  const auto to = (from + 1) % 3;
  const auto slot = std::to_string(key_slot(key));
  const auto from_id = cluster().node(from).command({"CLUSTER", "MYID"}).text;
  const auto to_id = cluster().node(to).command({"CLUSTER", "MYID"}).text;
  ASSERT_EQ(cluster().node(to).command({"CLUSTER", "SETSLOT", slot, "IMPORTING", from_id}), status_reply());
  ASSERT_EQ(cluster().node(from).command({"CLUSTER", "SETSLOT", slot, "MIGRATING", to_id}), status_reply());
  ASSERT_EQ(cluster().node(from).command(
                {"MIGRATE", "127.0.0.1", std::to_string(cluster().node(to).port()), key, "0", "1000"}),
            status_reply());
  EXPECT_EQ(client({"GET", key}), text_reply("v"));
  cluster().move_slot(key, to);
  EXPECT_EQ(client({"GET", key}), text_reply("v"));
}

TEST_F(RedisClusterTest, ClassicMessagesReachSubscribersAtOtherNodes) {
  auto options = cluster().options();
  RunningBus one(options, RedisBus::Mode::classic);
  // Begins with another node.
  std::ranges::reverse(options.endpoints);
  RunningBus other(options, RedisBus::Mode::classic);
  one.subscribe("news");
  other.subscribe("news");
  while (one.count("news").value_or(0) != 2) {
  }
  one->publish("news", "x");
  one.await_messages(1);
  other.await_messages(1);
  EXPECT_THAT(other.take_messages(), ElementsAre("news=x"));
}

TEST_F(RedisClusterTest, ShardedMessagesGoThroughTheOwnersOfTheirChannels) {
  RunningBus one(cluster().options(), RedisBus::Mode::sharded);
  RunningBus other(cluster().options(), RedisBus::Mode::sharded);
  std::set<std::size_t> owners;
  std::vector<std::string> expected;
  one.await_link(true);
  for (int i = 0; i < 30; ++i) {
    const auto channel = "room" + std::to_string(i);
    owners.insert(cluster().owner_of(channel));
    other.subscribe(channel);
    expected.push_back(channel + "=x");
  }
  EXPECT_THAT(owners, SizeIs(3));
  // The publishing links are there when a node can be asked.
  for (int i = 0; i < 30; ++i) EXPECT_EQ(one.count("room" + std::to_string(i)), 1) << i;
  for (int i = 0; i < 30; ++i) one->publish("room" + std::to_string(i), "x");
  other.await_messages(30);
  EXPECT_THAT(other.take_messages(), testing::UnorderedElementsAreArray(expected));
  EXPECT_EQ(one.losses(), 0);
}

TEST_F(RedisClusterTest, AShardedChannelIsFollowedWhenItsSlotMoves) {
  RunningBus bus(cluster().options(), RedisBus::Mode::sharded);
  const std::string channel = "travelling";
  bus.subscribe(channel);
  const auto from = cluster().owner_of(channel);
  cluster().move_slot(channel, (from + 1) % 3);
  bus.await_subscribed(channel, 2);
  // In order, though the first of them goes to the former owner if the bus has not heard of the move yet.
  for (int i = 0; i < 100; ++i) bus->publish(channel, std::to_string(i));
  bus.await_messages(100);
  const auto messages = bus.take_messages();
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(messages[i], channel + "=" + std::to_string(i));
}

TEST(RedisClusterFailureTest, AMasterThatIsAwayTakesOnlyItsOwnKeysWithIt) {
  TestCluster cluster;
  RunningClient client(cluster.options());
  RunningBus bus(cluster.options(), RedisBus::Mode::sharded);
  std::array<std::string, 3> channels;
  for (int i = 0; i < 100; ++i) channels[cluster.owner_of(std::to_string(i))] = std::to_string(i);
  for (const auto& channel : channels) bus.subscribe(channel);
  cluster.node(0).pause();
  client.await_link(false);
  bus.await_link(false);
  EXPECT_FALSE(client({"GET", channels[0]}));
  // The loss is told when what is published gets everywhere again.
  bus->publish(channels[0], "lost");
  bus->publish(channels[1], "kept");
  bus.await_messages(1);
  EXPECT_EQ(bus.losses(), 0);
  cluster.node(0).resume();
  client.await_link(true);
  bus.await_link(true);
  bus.await_losses(1);
  // Every channel is confirmed again, also those whose node was there all the time.
  for (const auto& channel : channels) bus.await_subscribed(channel, 2);
  for (const auto& channel : channels) EXPECT_EQ(client({"GET", channel}), Reply{});
}

}  // namespace
}  // namespace redis
