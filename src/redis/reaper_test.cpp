#include "redis/reaper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "redis/fake_redis.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class ReaperTest : public testing::Test {
 protected:
  ~ReaperTest() override { reaper.stop(); }
  ReaperTest() {
    redis.serve(server.server());
    server.add_to_set("m:nodes", "b");
  }

  void add_socket(const std::string& socket, const std::string& user) {
    server.add_to_set("m:node:b:sockets", socket + " " + user);
    server.add_to_set("user:sockets:" + user, socket);
  }
  void reap() {
    executor.enter([this] { reaper.reap("b"); });
    executor.run();
  }
  void reap_to_the_end() {
    reap();
    executor.advance(milliseconds(3'000));
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeRedis server{clock};
  FakeCommands redis{executor};
  Reaper reaper{redis, NodeKeys("m"), "a", milliseconds(3'000)};
};

TEST_F(ReaperTest, takes_the_dead_nodes_sockets_away_and_no_others) {
  add_socket("s1", "alice");
  add_socket("s2", "bob");
  server.add_to_set("user:sockets:alice", "s-of-another-node");
  reap_to_the_end();
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s-of-another-node"));
  EXPECT_THAT(server.set("user:sockets:bob"), IsEmpty());
  EXPECT_THAT(server.set("m:node:b:sockets"), IsEmpty());
  EXPECT_THAT(server.set("m:nodes"), IsEmpty());
  EXPECT_FALSE(server.has_string("m:reap:b"));
}

TEST_F(ReaperTest, many_sockets_are_taken_away_in_chunks) {
  for (int i = 0; i < 2'345; ++i) add_socket("s" + std::to_string(i), "u" + std::to_string(i));
  reap();
  EXPECT_THAT(server.set("m:node:b:sockets"), IsEmpty());
  EXPECT_THAT(server.set("user:sockets:u2344"), IsEmpty());
  for (const auto& command : redis.take_sent()) EXPECT_LE(command.size(), 502u);
}

TEST_F(ReaperTest, the_node_stays_in_the_set_until_all_others_have_seen_it_dead) {
  add_socket("s1", "alice");
  reap();
  EXPECT_THAT(server.set("user:sockets:alice"), IsEmpty());
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("b"));
  executor.advance(milliseconds(3'000));
  EXPECT_THAT(server.set("m:nodes"), IsEmpty());
}

TEST_F(ReaperTest, what_is_no_socket_goes_with_the_rest) {
  server.add_to_set("m:node:b:sockets", "no-space");
  reap_to_the_end();
  EXPECT_THAT(server.set("m:node:b:sockets"), IsEmpty());
  EXPECT_THAT(server.set("m:nodes"), IsEmpty());
}

TEST_F(ReaperTest, another_node_that_was_first_is_left_to_it) {
  add_socket("s1", "alice");
  redis.send({"SET", "m:reap:b", "c", "NX", "PX", "30000"});
  reap();
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s1"));
}

TEST_F(ReaperTest, where_the_first_one_died_over_it_another_does_it_later) {
  add_socket("s1", "alice");
  redis.send({"SET", "m:reap:b", "c", "NX", "PX", "30000"});
  executor.advance(milliseconds(30'000));
  reap();
  EXPECT_THAT(server.set("user:sockets:alice"), IsEmpty());
}

TEST_F(ReaperTest, a_node_that_is_alive_keeps_its_sockets_but_learns_that_it_was_reaped) {
  add_socket("s1", "alice");
  redis.send({"SET", "m:node:b", "1", "PX", "3000"});
  reap_to_the_end();
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s1"));
  EXPECT_THAT(server.set("m:nodes"), IsEmpty());
}

TEST_F(ReaperTest, a_failure_midway_leaves_the_node_in_the_set_for_the_next) {
  add_socket("s1", "alice");
  redis.serve([serve = server.server()](const auto& command) -> std::optional<base::Result<Reply>> {
    if (command[0] == "SREM") return base::fail(base::Errc::storage_unavailable);
    return serve(command);
  });
  reap_to_the_end();
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("b"));
  EXPECT_THAT(server.set("m:node:b:sockets"), ElementsAre("s1 alice"));
}

TEST_F(ReaperTest, asked_again_while_it_is_at_it_does_it_once) {
  redis.serve(nullptr);
  reap();
  reap();
  EXPECT_EQ(redis.take_sent().size(), 1u);
}

TEST_F(ReaperTest, stopped_midway_sends_nothing_more) {
  redis.serve(nullptr);
  reap();
  static_cast<void>(redis.take_sent());
  reaper.stop();
  redis.answer(status_reply());
  executor.run();
  EXPECT_THAT(redis.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace redis
