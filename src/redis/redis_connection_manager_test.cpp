#include "redis/redis_connection_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "redis/fake_redis.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

messaging::UserId user(std::string_view id) {
  return *messaging::UserId::parse(id);
}

class FakeRegistry final : public messaging::ConnectionRegistry {
 public:
  bool register_connection(const messaging::UserId&, const messaging::DeviceId&, std::size_t sockets_max) override {
    if (count_ >= sockets_max) return false;
    ++count_;
    return true;
  }
  bool unregister_connection(const messaging::UserId&, const messaging::DeviceId&) override { return --count_ == 0; }

 private:
  std::size_t count_ = 0;
};

// One process: its own link, everything on the test's one executor.
struct Node {
  Node(base::Executor& executor, FakeRedis& server, const std::string& id) : redis(executor) {
    redis.serve(server.server());
    manager = std::make_unique<RedisConnectionManager>(
        redis, registry, RedisConnectionManager::Settings{.node_id = id, .key_prefix = "m"},
        [this](const std::string& node) { lost.push_back(node); });
    manager->start();
  }

  FakeCommands redis;
  FakeRegistry registry;
  std::vector<std::string> lost;
  std::unique_ptr<RedisConnectionManager> manager;
};

class Manager : public testing::Test {
 protected:
  std::unique_ptr<Node> start(const std::string& id) {
    auto node = std::make_unique<Node>(executor, server, id);
    // So that they do not all look at the same moment.
    executor.advance(milliseconds(370));
    return node;
  }
  void connect(Node& node, const std::string& name, const std::string& socket) {
    ASSERT_TRUE(node.manager->register_connection(user(name), socket, 20));
    executor.run();
  }
  void stop(Node& node) {
    bool stopped = false;
    node.manager->stop([&] { stopped = true; });
    executor.advance(milliseconds(1'000));
    EXPECT_TRUE(stopped);
  }
  // As kill -9: nothing it sends arrives any more.
  void kill(Node& node) { node.redis.set_link(false); }
  std::set<std::string> sockets_of(const std::string& name) { return server.set("user:sockets:" + name); }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeRedis server{clock};
};

TEST_F(Manager, a_connection_stands_in_redis_while_it_lasts) {
  const auto node = start("a");
  connect(*node, "alice", "s1");
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  EXPECT_TRUE(node->manager->unregister_connection(user("alice"), "s1"));
  executor.run();
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  stop(*node);
}

TEST_F(Manager, one_that_this_node_has_no_room_for_does_not_come_to_redis) {
  const auto node = start("a");
  EXPECT_FALSE(node->manager->register_connection(user("alice"), "s1", 0));
  executor.run();
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  stop(*node);
}

TEST_F(Manager, connections_of_one_turn_join_in_one_command) {
  const auto node = start("a");
  static_cast<void>(node->redis.take_sent());
  for (const auto* socket : {"s1", "s2", "s3"})
    ASSERT_TRUE(node->manager->register_connection(user("alice"), socket, 20));
  executor.run();
  const auto sent = node->redis.take_sent();
  ASSERT_EQ(sent.size(), 4u);
  EXPECT_THAT(sent[0], ElementsAre("SADD", "m:node:a:sockets", "s1 alice", "s2 alice", "s3 alice"));
  stop(*node);
}

TEST_F(Manager, connections_from_before_the_start_are_added_by_it) {
  FakeCommands redis(executor);
  redis.serve(server.server());
  FakeRegistry registry;
  RedisConnectionManager manager(redis, registry, {.node_id = "a", .key_prefix = "m"}, nullptr);
  ASSERT_TRUE(manager.register_connection(user("alice"), "s1", 20));
  executor.run();
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  manager.start();
  executor.run();
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  manager.stop([] {});
  executor.run();
}

TEST_F(Manager, no_socket_comes_to_redis_before_the_node_has_its_place) {
  FakeCommands redis(executor);
  FakeRegistry registry;
  RedisConnectionManager manager(redis, registry, {.node_id = "a", .key_prefix = "m"}, nullptr);
  manager.start();
  ASSERT_TRUE(manager.register_connection(user("alice"), "s1", 20));
  executor.run();
  for (const auto& command : redis.take_sent()) EXPECT_NE(command[0], "SADD");
  redis.serve(server.server());
  while (redis.waiting() > 0) redis.answer(Reply{});
  executor.run();
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("a"));
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  manager.stop([] {});
  executor.run();
}

TEST_F(Manager, without_redis_connections_are_counted_all_the_same) {
  const auto node = start("a");
  node->redis.set_link(false);
  connect(*node, "alice", "s1");
  EXPECT_TRUE(node->manager->unregister_connection(user("alice"), "s1"));
  stop(*node);
}

TEST_F(Manager, a_dead_nodes_sockets_are_gone_in_five_seconds_and_every_survivor_hears_of_it_once) {
  const auto a = start("a");
  const auto b = start("b");
  const auto c = start("c");
  connect(*a, "alice", "s1");
  connect(*b, "alice", "s2");
  executor.advance(milliseconds(10'000));
  kill(*a);
  executor.advance(milliseconds(4'400));
  EXPECT_THAT(b->lost, ElementsAre("a"));
  EXPECT_THAT(c->lost, ElementsAre("a"));
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s2"));
  executor.advance(milliseconds(60'000));
  EXPECT_THAT(server.set("m:nodes"), UnorderedElementsAre("b", "c"));
  EXPECT_THAT(b->lost, ElementsAre("a"));
  EXPECT_THAT(c->lost, ElementsAre("a"));
  stop(*b);
  stop(*c);
}

TEST_F(Manager, a_node_that_stops_says_farewell_and_is_not_missed) {
  const auto a = start("a");
  const auto b = start("b");
  connect(*a, "alice", "s1");
  executor.advance(milliseconds(10'000));
  stop(*a);
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("b"));
  EXPECT_FALSE(server.has_string("m:node:a"));
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(b->lost, IsEmpty());
  stop(*b);
}

TEST_F(Manager, a_redis_that_does_not_answer_holds_the_stop_up_for_a_second_at_most) {
  const auto node = start("a");
  node->redis.serve(nullptr);
  stop(*node);
}

TEST_F(Manager, after_flushall_everything_is_there_again_and_nobody_counts_as_dead) {
  const auto a = start("a");
  const auto b = start("b");
  connect(*a, "alice", "s1");
  connect(*b, "bob", "s2");
  executor.advance(milliseconds(10'000));
  server.flush_all();
  executor.advance(milliseconds(1'100));
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  EXPECT_THAT(sockets_of("bob"), ElementsAre("s2"));
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(a->lost, IsEmpty());
  EXPECT_THAT(b->lost, IsEmpty());
  stop(*a);
  stop(*b);
}

TEST_F(Manager, a_redis_that_was_away_and_lost_the_leases_kills_nobody) {
  const auto a = start("a");
  const auto b = start("b");
  connect(*a, "alice", "s1");
  a->redis.set_link(false);
  b->redis.set_link(false);
  executor.advance(milliseconds(20'000));
  server.expire_all();
  b->redis.set_link(true);
  executor.advance(milliseconds(2'000));  // a's next try to connect
  a->redis.set_link(true);
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(a->lost, IsEmpty());
  EXPECT_THAT(b->lost, IsEmpty());
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  stop(*a);
  stop(*b);
}

TEST_F(Manager, a_node_that_was_cut_off_and_reaped_adds_itself_again) {
  const auto a = start("a");
  const auto b = start("b");
  connect(*a, "alice", "s1");
  executor.advance(milliseconds(10'000));
  a->redis.set_link(false);
  executor.advance(milliseconds(10'000));
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  a->redis.set_link(true);
  executor.run();
  EXPECT_THAT(sockets_of("alice"), ElementsAre("s1"));
  EXPECT_THAT(server.set("m:nodes"), UnorderedElementsAre("a", "b"));
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(b->lost, ElementsAre("a"));
  stop(*a);
  stop(*b);
}

TEST_F(Manager, when_all_nodes_died_the_first_that_starts_reaps) {
  const auto a = start("a");
  connect(*a, "alice", "s1");
  kill(*a);
  executor.advance(milliseconds(60'000));
  const auto b = start("b");
  executor.advance(milliseconds(8'000));
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("b"));
  stop(*b);
}

TEST_F(Manager, after_the_stop_nothing_is_sent_any_more) {
  const auto node = start("a");
  connect(*node, "alice", "s1");
  stop(*node);
  static_cast<void>(node->redis.take_sent());
  EXPECT_TRUE(node->manager->unregister_connection(user("alice"), "s1"));
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(node->redis.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace redis
