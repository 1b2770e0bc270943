#include "redis/asks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"
#include "redis/fake_commands.hpp"

namespace redis {
namespace {

using base::Errc;
using base::Result;
using testing::ElementsAre;

base::Task<> keep(base::Task<Result<Reply>> task, std::optional<Result<Reply>>& answer) {
  auto reply = co_await task;
  answer = std::move(reply);
}

class AsksTest : public testing::Test {
 protected:
  void ask_all(std::vector<Commands::Arguments> commands) {
    executor.enter([&] { tasks.spawn(keep(asks.ask_all(std::move(commands)), answer)); });
  }
  void reply(Result<Reply> with) {
    redis.answer(std::move(with));
    executor.run();
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeCommands redis{executor};
  std::optional<Result<Reply>> answer;
  Asks asks{redis};
  base::TaskGroup tasks;
};

TEST_F(AsksTest, a_command_is_answered_with_its_reply) {
  executor.enter([&] { tasks.spawn(keep(asks.ask({"GET", "k"}), answer)); });
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("GET", "k")));
  EXPECT_FALSE(answer);
  reply(text_reply("v"));
  EXPECT_EQ(answer->value(), text_reply("v"));
}

TEST_F(AsksTest, several_are_sent_at_once_in_order_and_answered_with_the_last_reply) {
  ask_all({{"SADD", "a", "1"}, {"SADD", "b", "2"}});
  EXPECT_THAT(redis.take_sent(), ElementsAre(ElementsAre("SADD", "a", "1"), ElementsAre("SADD", "b", "2")));
  reply(integer_reply(1));
  EXPECT_FALSE(answer);
  reply(integer_reply(2));
  EXPECT_EQ(answer->value(), integer_reply(2));
}

TEST_F(AsksTest, one_failure_fails_them_all_but_all_are_waited_for) {
  ask_all({{"A", "k"}, {"B", "k"}, {"C", "k"}});
  reply(integer_reply(1));
  reply(base::fail(Errc::overloaded));
  EXPECT_FALSE(answer);
  reply(integer_reply(3));
  EXPECT_EQ(answer->error().code, Errc::overloaded);
}

TEST_F(AsksTest, an_error_of_redis_is_a_failure) {
  ask_all({{"GET", "k"}});
  reply(error_reply("WRONGTYPE"));
  EXPECT_EQ(answer->error().code, Errc::storage_unavailable);
  EXPECT_EQ(answer->error().detail, "WRONGTYPE");
}

TEST_F(AsksTest, cancelled_those_that_wait_resume_at_once_and_late_replies_are_dropped) {
  ask_all({{"GET", "k"}, {"GET", "l"}});
  reply(integer_reply(1));
  asks.cancel();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->has_value());
  answer.reset();
  reply(integer_reply(2));
  EXPECT_FALSE(answer);
}

TEST_F(AsksTest, cancelled_sends_nothing_more) {
  asks.cancel();
  ask_all({{"GET", "k"}});
  EXPECT_FALSE(answer->has_value());
  EXPECT_THAT(redis.take_sent(), testing::IsEmpty());
}

}  // namespace
}  // namespace redis
