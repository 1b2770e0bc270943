#include "redis/node_sockets.hpp"

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

class Sockets : public testing::Test {
 protected:
  Sockets() {
    redis.serve(server.server());
    add_again();
    static_cast<void>(redis.take_sent());
  }
  ~Sockets() override { sockets.stop(); }

  void apply(std::vector<NodeSockets::Change> changes) {
    executor.enter([&] { sockets.apply(std::move(changes)); });
    executor.run();
  }
  void add_again() {
    executor.enter([this] { sockets.add_again(); });
    executor.run();
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeRedis server{clock};
  FakeCommands redis{executor};
  NodeSockets sockets{redis, NodeKeys("m"), "a"};
};

TEST_F(Sockets, added_stand_in_the_nodes_set_first_and_then_with_their_users) {
  apply({{"s1 alice"}, {"s2 bob"}});
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SADD", "m:node:a:sockets", "s1 alice", "s2 bob"),
                                             ElementsAre("SADD", "user:sockets:alice", "s1"),
                                             ElementsAre("SADD", "user:sockets:bob", "s2")));
}

TEST_F(Sockets, removed_leave_their_users_first_and_then_the_nodes_set) {
  apply({{"s1 alice"}, {"s2 bob"}});
  static_cast<void>(redis.take_sent());
  apply({{"s1 alice", false}, {"s2 bob", false}});
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SREM", "user:sockets:alice", "s1"),
                                             ElementsAre("SREM", "user:sockets:bob", "s2"),
                                             ElementsAre("SREM", "m:node:a:sockets", "s1 alice", "s2 bob")));
}

TEST_F(Sockets, removed_stay_in_the_nodes_set_until_redis_confirms_that_they_have_left_their_users) {
  apply({{"s1 alice"}});
  static_cast<void>(redis.take_sent());
  redis.serve(nullptr);
  apply({{"s1 alice", false}});
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SREM", "user:sockets:alice", "s1")));
  redis.answer(integer_reply(1));
  executor.run();
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SREM", "m:node:a:sockets", "s1 alice")));
  redis.answer(integer_reply(1));
  executor.run();
}

TEST_F(Sockets, a_removal_that_the_users_master_did_not_get_is_made_up_for) {
  apply({{"s1 alice"}, {"s2 bob"}});
  // The comparison's first try fails too.
  bool is_away = true;
  redis.serve([&](const auto& command) -> std::optional<base::Result<Reply>> {
    if (is_away && command[1] == "user:sockets:alice") return base::fail(base::Errc::storage_unavailable, "away");
    return server.server()(command);
  });
  apply({{"s1 alice", false}});
  executor.advance(milliseconds(1'000));
  EXPECT_THAT(server.set("m:node:a:sockets"), UnorderedElementsAre("s1 alice", "s2 bob"));
  is_away = false;
  executor.advance(milliseconds(2'000));
  EXPECT_THAT(server.set("user:sockets:alice"), IsEmpty());
  EXPECT_THAT(server.set("m:node:a:sockets"), ElementsAre("s2 bob"));
}

TEST_F(Sockets, changes_of_one_turn_take_effect_in_their_order) {
  apply({{"s1 alice"}, {"s1 alice", false}, {"s2 alice"}, {"s3 bob"}, {"s3 bob", false}});
  EXPECT_THAT(server.set("m:node:a:sockets"), ElementsAre("s2 alice"));
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s2"));
  EXPECT_THAT(server.set("user:sockets:bob"), IsEmpty());
}

TEST_F(Sockets, after_everything_was_lost_all_are_added_again_in_chunks) {
  std::vector<NodeSockets::Change> changes;
  for (int i = 0; i < 2'345; ++i) changes.push_back({"s" + std::to_string(i) + " u" + std::to_string(i)});
  apply(std::move(changes));
  server.flush_all();
  static_cast<void>(redis.take_sent());
  add_again();
  EXPECT_EQ(server.set("m:node:a:sockets").size(), 2'345u);
  EXPECT_THAT(server.set("user:sockets:u2344"), ElementsAre("s2344"));
  for (const auto& command : redis.take_sent()) EXPECT_LE(command.size(), 502u);
}

TEST_F(Sockets, what_changed_while_the_link_was_down_is_made_up_for) {
  apply({{"s1 alice"}, {"s2 bob"}});
  redis.set_link(false);
  executor.run();
  apply({{"s1 alice", false}, {"s3 carol"}});
  redis.set_link(true);
  add_again();
  EXPECT_THAT(server.set("m:node:a:sockets"), UnorderedElementsAre("s2 bob", "s3 carol"));
  EXPECT_THAT(server.set("user:sockets:alice"), IsEmpty());
  EXPECT_THAT(server.set("user:sockets:carol"), ElementsAre("s3"));
}

TEST_F(Sockets, a_command_that_failed_is_made_up_for_a_second_later) {
  redis.serve([](const auto&) { return base::fail(base::Errc::overloaded); });
  apply({{"s1 alice"}});
  redis.serve(server.server());
  executor.advance(milliseconds(1'000));
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s1"));
}

TEST_F(Sockets, a_redis_that_refuses_everything_is_tried_less_and_less_often) {
  redis.serve([](const auto&) { return error_reply("OOM"); });
  apply({{"s1 alice"}});
  executor.advance(milliseconds(16'000));
  static_cast<void>(redis.take_sent());
  executor.advance(milliseconds(160'000));
  EXPECT_LE(redis.take_sent().size(), 11u);
}

TEST_F(Sockets, a_socket_that_goes_while_all_are_added_again_stays_gone) {
  std::vector<NodeSockets::Change> changes;
  for (int i = 0; i < 1'000; ++i) changes.push_back({"s" + std::to_string(i) + " u"});
  apply(std::move(changes));
  server.flush_all();
  // The first page of the comparison is answered, the rest waits.
  int answered = 0;
  redis.serve([&](const auto& command) -> std::optional<base::Result<Reply>> {
    if (++answered > 1) return std::nullopt;
    return server.server()(command);
  });
  add_again();
  ASSERT_GT(redis.waiting(), 0u);
  for (const auto& command : redis.take_sent()) static_cast<void>(server.server()(command));
  apply({{"s0 u", false}, {"s999 u", false}});
  for (const auto& command : redis.take_sent()) static_cast<void>(server.server()(command));
  redis.serve(server.server());
  while (redis.waiting() > 0) redis.answer(integer_reply(1));
  executor.run();
  EXPECT_EQ(server.set("user:sockets:u").size(), 998u);
  EXPECT_EQ(server.set("m:node:a:sockets").size(), 998u);
}

TEST_F(Sockets, asked_again_during_a_comparison_compares_once_more_after_it) {
  apply({{"s1 alice"}});
  redis.serve(nullptr);
  add_again();
  add_again();
  server.flush_all();
  redis.serve(server.server());
  redis.answer(array_reply({text_reply("0"), array_reply({})}));
  executor.run();
  server.flush_all();
  executor.advance(milliseconds(1'000));
  EXPECT_THAT(server.set("user:sockets:alice"), ElementsAre("s1"));
}

TEST_F(Sockets, before_they_are_wanted_are_noted_alone) {
  NodeSockets fresh(redis, NodeKeys("m"), "a");
  executor.enter([&] { fresh.apply({{"s1 alice"}, {"s2 bob"}, {"s2 bob", false}}); });
  executor.run();
  EXPECT_THAT(redis.take_sent(), IsEmpty());
  executor.enter([&] { fresh.add_again(); });
  executor.run();
  EXPECT_THAT(server.set("m:node:a:sockets"), ElementsAre("s1 alice"));
}

TEST_F(Sockets, stopped_sends_nothing_more) {
  apply({{"s1 alice"}});
  redis.set_link(false);
  apply({{"s2 alice"}});
  sockets.stop();
  redis.set_link(true);
  static_cast<void>(redis.take_sent());
  executor.advance(milliseconds(60'000));
  EXPECT_THAT(redis.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace redis
