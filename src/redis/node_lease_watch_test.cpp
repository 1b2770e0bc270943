#include "redis/node_lease_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "redis/fake_redis.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class Watch : public testing::Test {
 protected:
  Watch() {
    redis.serve(server.server());
    add_node("a", milliseconds(3'600'000));
    executor.enter([this] { watch.start(); });
    executor.run();
    // Past the time in which nothing is judged.
    executor.advance(milliseconds(3'000));
  }
  ~Watch() override { watch.stop(); }

  void add_node(const std::string& id, milliseconds lease) {
    redis.send({"SET", "m:node:" + id, "1", "PX", std::to_string(lease.count())});
    redis.send({"SADD", "m:nodes", id});
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeRedis server{clock};
  FakeCommands redis{executor};
  std::vector<std::string> lost;
  int told = 0;
  NodeLeaseWatch watch{redis,
                       NodeKeys("m"),
                       {.own_id = "a", .lease = milliseconds(3'000), .watch = milliseconds(1'000)},
                       [this](const std::string& node, bool is_new) {
                         ++told;
                         if (is_new) lost.push_back(node);
                       }};
};

TEST_F(Watch, nodes_with_a_lease_are_left_alone) {
  add_node("b", milliseconds(60'000));
  executor.advance(milliseconds(30'000));
  EXPECT_THAT(lost, IsEmpty());
}

TEST_F(Watch, a_node_whose_lease_expired_is_lost_within_the_promised_time) {
  add_node("b", milliseconds(3'000));
  executor.advance(milliseconds(2'999));
  EXPECT_THAT(lost, IsEmpty());
  executor.advance(milliseconds(1'300));
  EXPECT_THAT(lost, ElementsAre("b"));
}

TEST_F(Watch, a_loss_is_new_once_and_told_until_the_node_is_out_of_the_set) {
  add_node("b", milliseconds(1));
  executor.advance(milliseconds(5'000));
  EXPECT_THAT(lost, ElementsAre("b"));
  EXPECT_GE(told, 4);
  redis.send({"SREM", "m:nodes", "b"});
  told = 0;
  executor.advance(milliseconds(5'000));
  EXPECT_EQ(told, 0);
}

TEST_F(Watch, a_node_that_came_back_can_be_lost_again) {
  add_node("b", milliseconds(1));
  executor.advance(milliseconds(2'000));
  add_node("b", milliseconds(3'000));
  executor.advance(milliseconds(6'000));
  EXPECT_THAT(lost, ElementsAre("b", "b"));
}

TEST_F(Watch, a_lease_that_is_missing_for_a_moment_is_no_loss) {
  // Missing for 200 ms at a time, at all phases of the watch.
  for (int i = 0; i < 100; ++i) {
    add_node("b", milliseconds(1));
    executor.advance(milliseconds(200));
    add_node("b", milliseconds(10'000));
    executor.advance(milliseconds(437));
  }
  EXPECT_THAT(lost, IsEmpty());
}

TEST_F(Watch, a_node_that_left_the_set_before_its_lease_went_said_farewell) {
  add_node("b", milliseconds(60'000));
  executor.advance(milliseconds(5'000));
  redis.send({"SREM", "m:nodes", "b"});
  redis.send({"DEL", "m:node:b"});
  executor.advance(milliseconds(5'000));
  EXPECT_THAT(lost, IsEmpty());
}

TEST_F(Watch, postponed_judges_nobody_for_one_lease) {
  add_node("b", milliseconds(1));
  executor.enter([this] { watch.postpone(); });
  executor.advance(milliseconds(2'999));
  EXPECT_THAT(lost, IsEmpty());
  executor.advance(milliseconds(1'300));
  EXPECT_THAT(lost, ElementsAre("b"));
}

TEST_F(Watch, after_redis_was_away_the_others_have_one_lease_to_renew_theirs) {
  add_node("b", milliseconds(2'000));
  redis.set_link(false);
  executor.advance(milliseconds(10'000));
  redis.set_link(true);
  executor.advance(milliseconds(2'900));
  EXPECT_THAT(lost, IsEmpty());
  add_node("b", milliseconds(60'000));
  executor.advance(milliseconds(10'000));
  EXPECT_THAT(lost, IsEmpty());
}

TEST_F(Watch, while_a_master_of_the_cluster_is_away_and_for_one_lease_nobody_is_lost) {
  redis.set_incomplete(true);
  add_node("b", milliseconds(1));
  executor.advance(milliseconds(10'000));
  EXPECT_THAT(lost, IsEmpty());
  redis.set_incomplete(false);
  executor.advance(milliseconds(1'900));
  EXPECT_THAT(lost, IsEmpty());
  executor.advance(milliseconds(3'000));
  EXPECT_THAT(lost, ElementsAre("b"));
}

TEST_F(Watch, stopped_tells_nothing_more) {
  add_node("b", milliseconds(1));
  executor.advance(milliseconds(1'100));
  watch.stop();
  executor.advance(milliseconds(10'000));
  EXPECT_THAT(lost, IsEmpty());
}

}  // namespace
}  // namespace redis
