#include "redis/redis_decision_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"
#include "redis/fake_commands.hpp"

namespace redis {
namespace {

using base::milliseconds;
using messaging::Decision;
using testing::ElementsAre;
using testing::IsEmpty;

messaging::UserPair pair_of(std::string_view one, std::string_view other) {
  return {*messaging::UserId::parse(one), *messaging::UserId::parse(other)};
}

base::Task<> keep(base::Task<std::optional<Decision>> finding, std::optional<std::optional<Decision>>& found) {
  found = co_await finding;
}

TEST(DecisionKey, has_the_smaller_id_by_bytes_first) {
  EXPECT_EQ(decision_key(pair_of("bob", "alice")), "connection:alice:bob");
  EXPECT_EQ(decision_key(pair_of("alice", "Zoe")), "connection:Zoe:alice");
}

TEST(DecisionKey, encodes_colons_and_percent_signs_in_ids) {
  EXPECT_EQ(decision_key(pair_of("a:b", "c%3A")), "connection:a%3Ab:c%253A");
  EXPECT_NE(decision_key(pair_of("a", "b:c")), decision_key(pair_of("a:b", "c")));
}

class DecisionCacheTest : public testing::Test {
 protected:
  std::int64_t now_ms() const { return clock.system_now().time_since_epoch().count(); }
  void begin_find() {
    executor.enter([this] { tasks.spawn(keep(cache.find(pair_of("alice", "bob")), found)); });
    executor.run();
  }
  std::optional<Decision> find(base::Result<Reply> reply) {
    found.reset();
    begin_find();
    redis.answer(std::move(reply));
    executor.run();
    return found.value();
  }
  std::optional<Decision> find_value(const std::string& value) { return find(text_reply(value)); }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeCommands redis{executor};
  RedisDecisionCache cache{clock, redis};
  std::optional<std::optional<Decision>> found;
  base::TaskGroup tasks;
};

TEST_F(DecisionCacheTest, a_decision_is_read_with_its_time) {
  const auto yes = find_value("1:" + std::to_string(now_ms() - 1'000));
  ASSERT_TRUE(yes);
  EXPECT_TRUE(yes->connected);
  EXPECT_EQ(yes->decided_at, clock.system_now() - milliseconds(1'000));
  const auto no = find_value("0:" + std::to_string(now_ms()));
  ASSERT_TRUE(no);
  EXPECT_FALSE(no->connected);
  EXPECT_THAT(redis.take_sent()[0], ElementsAre("GET", "connection:alice:bob"));
}

TEST_F(DecisionCacheTest, nothing_there_and_no_answer_are_nothing) {
  EXPECT_FALSE(find(Reply{}));
  EXPECT_FALSE(find(error_reply("WRONGTYPE")));
  EXPECT_FALSE(find(base::fail(base::Errc::storage_unavailable)));
}

TEST_F(DecisionCacheTest, a_value_of_another_form_is_nothing) {
  const auto now = std::to_string(now_ms());
  const std::vector<std::string> values{
      "",          "1",    "1:",   "1:x",       "2:" + now,           "1:" + now + " ",
      "1: " + now, "1:-5", "1:+5", "11:" + now, "1:9999999999999999", {"1:1\0", 4}};
  for (const auto& value : values) {
    EXPECT_FALSE(find_value(value)) << value;
  }
}

TEST_F(DecisionCacheTest, a_time_slightly_ahead_is_now_and_one_far_ahead_is_nothing) {
  const auto slightly = find_value("1:" + std::to_string(now_ms() + 3'000));
  ASSERT_TRUE(slightly);
  EXPECT_EQ(slightly->decided_at, clock.system_now());
  EXPECT_FALSE(find_value("1:" + std::to_string(now_ms() + 3'001)));
}

TEST_F(DecisionCacheTest, a_reply_that_takes_too_long_is_nothing_and_is_dropped_when_it_comes) {
  begin_find();
  executor.advance(milliseconds(49));
  EXPECT_FALSE(found);
  executor.advance(milliseconds(1));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  redis.answer(text_reply("1:" + std::to_string(now_ms())));
  executor.run();
  EXPECT_FALSE(*found);
}

TEST_F(DecisionCacheTest, without_a_link_nothing_is_waited_for) {
  redis.set_link(false);
  begin_find();
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TEST_F(DecisionCacheTest, is_kept_for_as_long_as_it_can_be_of_use) {
  cache.put(pair_of("alice", "bob"), {.connected = true, .decided_at = clock.system_now() - milliseconds(500)});
  cache.put(pair_of("alice", "bob"), {.connected = false, .decided_at = clock.system_now() - milliseconds(500)});
  const auto sent = redis.take_sent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0][3], "connection:alice:bob");
  EXPECT_EQ(sent[0][4], "1");
  EXPECT_EQ(sent[0][5], std::to_string(now_ms() - 500));
  EXPECT_EQ(sent[0][7], "119500");
  EXPECT_EQ(sent[1][4], "0");
  EXPECT_EQ(sent[1][7], "4500");
}

TEST_F(DecisionCacheTest, too_old_or_without_a_link_is_not_kept) {
  cache.put(pair_of("alice", "bob"), {.connected = false, .decided_at = clock.system_now() - milliseconds(5'000)});
  redis.set_link(false);
  cache.put(pair_of("alice", "bob"), {.connected = true, .decided_at = clock.system_now()});
  EXPECT_THAT(redis.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace redis
