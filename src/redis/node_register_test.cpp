// The register of sockets and the shared decisions over a real Redis: several nodes, each with a client and a thread of
// its own. Times are shortened; what is waited for is asked for until it is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task_group.hpp"
#include "redis/contract_test_support.hpp"
#include "redis/redis_connection_manager.hpp"
#include "redis/redis_decision_cache.hpp"
#include "redis/test_server.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

messaging::UserId user(std::string_view id) {
  return *messaging::UserId::parse(id);
}

class CountingRegistry final : public messaging::ConnectionRegistry {
 public:
  bool register_connection(const messaging::UserId&, const messaging::DeviceId&, std::size_t) override {
    ++count_;
    return true;
  }
  bool unregister_connection(const messaging::UserId&, const messaging::DeviceId&) override { return --count_ == 0; }

 private:
  std::atomic<int> count_ = 0;
};

std::vector<std::string> members(TestConnection& redis, const std::string& key) {
  std::vector<std::string> found;
  for (auto& element : redis({"SMEMBERS", key}).elements) found.push_back(element.text);
  return found;
}

class RunningNode {
 public:
  RunningNode(Options options, std::string id)
      : client_(std::move(options)),
        manager_(*client_, registry_,
                 {.node_id = std::move(id),
                  .key_prefix = "m",
                  .lease = milliseconds(600),
                  .renewal = milliseconds(200),
                  .watch = milliseconds(200)},
                 [this](const std::string& node) { events_.record([&] { lost_.push_back(node); }); }) {
    manager_.start();
  }
  ~RunningNode() { stop(); }

  void connect(const std::string& name, const std::string& socket) {
    ASSERT_TRUE(manager_.register_connection(user(name), socket, 100));
  }
  void disconnect(const std::string& name, const std::string& socket) {
    static_cast<void>(manager_.unregister_connection(user(name), socket));
  }
  void stop() {
    if (std::exchange(is_stopped_, true)) return;
    std::promise<void> stopped;
    manager_.stop([&stopped] { stopped.set_value(); });
    net::wait_for(stopped.get_future());
  }
  // As kill -9, for Redis: the connection is closed and nothing comes any more.
  void die() { client_.stop(); }
  void await_loss() {
    events_.wait_until([this] { return !lost_.empty(); });
  }
  std::vector<std::string> lost() {
    return events_.read([this] { return lost_; });
  }
  void await_link(bool is_up) { client_.await_link(is_up); }

 private:
  CountingRegistry registry_;
  Recorder events_;
  std::vector<std::string> lost_;
  RunningClient client_;
  RedisConnectionManager manager_;
  bool is_stopped_ = false;
};

class NodeRegister : public testing::Test {
 protected:
  NodeRegister() { server().command({"FLUSHALL"}); }

  static TestServer& server() {
    static TestServer instance;
    return instance;
  }
  // Asks until it is so, for as long as is reasonable. Every question goes through Redis, which takes its time.
  template <class Condition>
  static void await(Condition condition) {
    const base::SystemClock clock;
    const base::Deadline patience(clock, milliseconds(10'000));
    while (!condition()) {
      if (patience.has_passed(clock.steady_now())) throw std::runtime_error("it did not happen in time");
      static_cast<void>(server().command({"BLPOP", "nothing", "0.01"}));
    }
  }
  std::vector<std::string> sockets_of(const std::string& name) {
    TestConnection redis(server().port());
    return members(redis, "user:sockets:" + name);
  }
  std::vector<std::string> nodes() {
    TestConnection redis(server().port());
    return members(redis, "m:nodes");
  }
};

TEST_F(NodeRegister, connections_come_and_go) {
  RunningNode node(server().options(), "a");
  node.connect("alice", "s1");
  node.connect("alice", "s2");
  node.disconnect("alice", "s1");
  await([&] { return sockets_of("alice") == std::vector<std::string>{"s2"}; });
  node.stop();
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  EXPECT_THAT(nodes(), IsEmpty());
  EXPECT_EQ(server().command({"DBSIZE"}).integer, 0);
}

TEST_F(NodeRegister, many_connections_at_once_all_arrive_and_all_go_with_their_dead_node) {
  RunningNode survivor(server().options(), "b");
  {
    RunningNode node(server().options(), "a");
    for (int i = 0; i < 20'000; ++i) node.connect("u" + std::to_string(i % 1'000), "s" + std::to_string(i));
    await([&] { return server().command({"SCARD", "m:node:a:sockets"}).integer == 20'000; });
    await([&] { return server().command({"SCARD", "user:sockets:u999"}).integer == 20; });
    node.die();
    survivor.await_loss();
  }
  EXPECT_THAT(survivor.lost(), ElementsAre("a"));
  await([&] { return nodes() == std::vector<std::string>{"b"}; });
  EXPECT_THAT(sockets_of("u0"), IsEmpty());
  EXPECT_EQ(server().command({"EXISTS", "m:node:a:sockets"}).integer, 0);
  survivor.stop();
}

TEST_F(NodeRegister, a_farewell_is_no_loss) {
  RunningNode a(server().options(), "a");
  RunningNode b(server().options(), "b");
  a.connect("alice", "s1");
  await([&] { return nodes().size() == 2; });
  a.stop();
  EXPECT_THAT(sockets_of("alice"), IsEmpty());
  // Longer than a's lease would have lived, and than b takes to notice.
  RunningNode c(server().options(), "c");
  await([&] { return nodes().size() == 2; });
  c.die();
  b.await_loss();
  EXPECT_THAT(b.lost(), ElementsAre("c"));
  b.stop();
}

TEST_F(NodeRegister, flushall_is_healed) {
  RunningNode a(server().options(), "a");
  RunningNode b(server().options(), "b");
  a.connect("alice", "s1");
  b.connect("bob", "s2");
  await([&] { return !sockets_of("alice").empty() && !sockets_of("bob").empty(); });
  server().command({"FLUSHALL"});
  await([&] { return !sockets_of("alice").empty() && !sockets_of("bob").empty(); });
  EXPECT_THAT(nodes(), UnorderedElementsAre("a", "b"));
  a.stop();
  b.stop();
  EXPECT_THAT(a.lost(), IsEmpty());
  EXPECT_THAT(b.lost(), IsEmpty());
}

TEST_F(NodeRegister, a_redis_that_restarts_empty_is_filled_again) {
  TestServer mine;
  RunningNode node(mine.options(), "a");
  node.connect("alice", "s1");
  node.connect("bob", "s2");
  mine.kill();
  node.await_link(false);
  node.connect("carol", "s3");
  node.disconnect("alice", "s1");
  mine.restart();
  node.await_link(true);
  TestConnection redis(mine.port());
  await([&] { return members(redis, "user:sockets:carol") == std::vector<std::string>{"s3"}; });
  await([&] { return members(redis, "user:sockets:bob") == std::vector<std::string>{"s2"}; });
  EXPECT_THAT(members(redis, "user:sockets:alice"), IsEmpty());
  node.stop();
}

TEST_F(NodeRegister, a_redis_that_hangs_for_longer_than_the_leases_kills_nobody) {
  TestServer mine;
  RunningNode a(mine.options(), "a");
  RunningNode b(mine.options(), "b");
  a.connect("alice", "s1");
  TestConnection redis(mine.port());
  await([&] { return members(redis, "m:nodes").size() == 2 && !members(redis, "user:sockets:alice").empty(); });
  mine.pause();
  static_cast<void>(server().command({"BLPOP", "nothing", "1.5"}));
  mine.resume();
  static_cast<void>(server().command({"BLPOP", "nothing", "1.5"}));
  EXPECT_THAT(a.lost(), IsEmpty());
  EXPECT_THAT(b.lost(), IsEmpty());
  EXPECT_THAT(members(redis, "user:sockets:alice"), ElementsAre("s1"));
  a.stop();
  b.stop();
}

TEST_F(NodeRegister, the_first_node_after_the_death_of_all_reaps) {
  {
    RunningNode node(server().options(), "a");
    node.connect("alice", "s1");
    await([&] { return !sockets_of("alice").empty(); });
    node.die();
  }
  RunningNode next(server().options(), "b");
  await([&] { return sockets_of("alice").empty() && nodes() == std::vector<std::string>{"b"}; });
  next.stop();
}

TEST_F(NodeRegister, works_on_a_cluster) {
  TestCluster cluster;
  RunningNode survivor(cluster.options(), "b");
  RunningClient redis(cluster.options());
  const auto count = [&](const std::string& key) { return redis({"SCARD", key})->integer; };
  {
    RunningNode node(cluster.options(), "a");
    for (int i = 0; i < 100; ++i) node.connect("u" + std::to_string(i), "s" + std::to_string(i));
    await([&] { return count("user:sockets:u0") == 1 && count("user:sockets:u99") == 1; });
    node.die();
    survivor.await_loss();
  }
  await([&] { return count("m:nodes") == 1; });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(count("user:sockets:u" + std::to_string(i)), 0) << i;
  survivor.stop();
}

// --- decisions

class SharedDecisions : public NodeRegister {
 protected:
  ~SharedDecisions() override { thread.stop(); }

  static base::Task<> find_into(RedisDecisionCache& cache, messaging::UserPair pair,
                                std::promise<std::optional<messaging::Decision>> found) {
    auto decision = co_await cache.find(std::move(pair));
    found.set_value(std::move(decision));
  }
  std::optional<messaging::Decision> find() {
    std::promise<std::optional<messaging::Decision>> promise;
    auto found = promise.get_future();
    thread.run([&] { tasks.spawn(find_into(cache, pair, std::move(promise))); });
    return net::wait_for(std::move(found));
  }
  // Commands of one thread arrive in order: whatever was put is there when this is answered.
  void await_put() { static_cast<void>(client({"PING"})); }
  base::SystemTime now() const { return clock.system_now(); }

  base::SystemClock clock;
  messaging::UserPair pair{user("a:lice"), user("bob")};
  net::RunningThread thread;
  RunningClient client{server().options()};
  RedisDecisionCache cache{clock, *client};
  base::TaskGroup tasks;
};

TEST_F(SharedDecisions, what_was_put_is_found_and_expires) {
  const auto at = now();
  cache.put(pair, {.connected = true, .decided_at = at});
  await_put();
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->connected);
  EXPECT_EQ(found->decided_at, at);
  const auto value = server().command({"GET", "connection:a%3Alice:bob"});
  EXPECT_EQ(value.text, "1:" + std::to_string(at.time_since_epoch().count()));
  const auto life = server().command({"PTTL", "connection:a%3Alice:bob"}).integer;
  EXPECT_GT(life, 100'000);
  EXPECT_LE(life, 120'000);
}

TEST_F(SharedDecisions, the_younger_one_stays_whichever_comes_last) {
  const auto at = now();
  cache.put(pair, {.connected = false, .decided_at = at});
  cache.put(pair, {.connected = true, .decided_at = at - milliseconds(1)});
  await_put();
  EXPECT_FALSE(find()->connected);
  cache.put(pair, {.connected = true, .decided_at = at + milliseconds(1)});
  await_put();
  EXPECT_TRUE(find()->connected);
}

TEST_F(SharedDecisions, one_that_cannot_be_believed_does_not_stay) {
  const auto far_ahead = std::to_string((now() + milliseconds(3'600'000)).time_since_epoch().count());
  for (const auto& bad : {"1:" + far_ahead, std::string("x"), std::string("1:99999999999999999999999")}) {
    server().command({"SET", "connection:a%3Alice:bob", bad});
    EXPECT_FALSE(find()) << bad;
    cache.put(pair, {.connected = true, .decided_at = now()});
    await_put();
    EXPECT_TRUE(find()) << bad;
  }
}

}  // namespace
}  // namespace redis
