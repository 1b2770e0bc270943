#include "redis/node_lease.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "redis/fake_redis.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;

class Lease : public testing::Test {
 protected:
  Lease() { redis.serve(server.server()); }
  ~Lease() override { lease.stop(); }

  void start() {
    executor.enter([this] { lease.start(); });
    executor.run();
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeRedis server{clock};
  FakeCommands redis{executor};
  int made = 0;
  NodeLease lease{
      redis, NodeKeys("m"), {.node_id = "a", .lease = milliseconds(3'000), .renewal = milliseconds(1'000)}, [this] {
        ++made;
      }};
};

TEST_F(Lease, started_is_made_at_once_and_the_node_is_in_the_set) {
  start();
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SET", "m:node:a", "1", "PX", "3000", "GET"),
                                             ElementsAre("SADD", "m:nodes", "a")));
  EXPECT_EQ(made, 1);
}

TEST_F(Lease, is_renewed_all_the_time) {
  start();
  executor.advance(milliseconds(60'000));
  EXPECT_TRUE(server.has_string("m:node:a"));
  EXPECT_EQ(made, 1);
}

TEST_F(Lease, stopped_expires) {
  start();
  lease.stop();
  executor.advance(milliseconds(3'000));
  EXPECT_FALSE(server.has_string("m:node:a"));
}

TEST_F(Lease, found_missing_is_made_again_and_told_once) {
  start();
  server.flush_all();
  executor.advance(milliseconds(1'000));
  EXPECT_TRUE(server.has_string("m:node:a"));
  EXPECT_EQ(made, 2);
  executor.advance(milliseconds(5'000));
  EXPECT_EQ(made, 2);
}

TEST_F(Lease, a_missing_place_among_the_nodes_is_told_too) {
  start();
  redis.send({"SREM", "m:nodes", "a"});
  executor.advance(milliseconds(1'000));
  EXPECT_THAT(server.set("m:nodes"), ElementsAre("a"));
  EXPECT_EQ(made, 2);
}

TEST_F(Lease, without_a_link_nothing_is_queued) {
  start();
  redis.set_link(false);
  executor.run();
  static_cast<void>(redis.take_sent());
  executor.advance(milliseconds(10'000));
  EXPECT_THAT(redis.take_sent(), testing::IsEmpty());
}

TEST_F(Lease, expired_while_the_link_was_down_is_told_by_the_next_renewal) {
  start();
  redis.set_link(false);
  executor.advance(milliseconds(4'500));
  redis.set_link(true);
  executor.enter([this] { lease.renew_now(); });
  executor.run();
  EXPECT_EQ(made, 2);
}

TEST_F(Lease, a_redis_that_does_not_answer_gets_one_renewal_at_a_time) {
  redis.serve(nullptr);
  start();
  executor.advance(milliseconds(1'900));
  EXPECT_EQ(redis.waiting(), 1u);
}

TEST_F(Lease, an_error_of_redis_says_nothing_about_the_lease) {
  start();
  redis.serve([](const auto&) { return error_reply("LOADING"); });
  executor.advance(milliseconds(1'500));
  redis.serve(server.server());
  executor.advance(milliseconds(1'000));
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace redis
