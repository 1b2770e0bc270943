// The guard's decisions between this node's cache, what the nodes share, and the Connections service.
#include <gtest/gtest.h>

#include "messaging/connection_auth_guard.hpp"
#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::seconds;
using test::alice;
using test::alice_and_bob;
using test::bob;
using test::conversation;

class FakeStore final : public DecisionStore {
 public:
  Task<std::optional<Decision>> find(UserPair) override {
    ++finds;
    co_return stored;
  }
  void put(const UserPair&, Decision decision) override { puts.push_back(decision); }

  std::optional<Decision> stored;
  int finds = 0;
  std::vector<Decision> puts;
};

class SharedDecisionsTest : public testing::Test {
 protected:
  SharedDecisionsTest() { world_.tables.add_conversation(conversation, alice_and_bob); }
  ~SharedDecisionsTest() override {
    world_.executor.enter([&] { guard_.stop([] {}); });
    world_.executor.run();
  }

  Result<void> ask() {
    auto result = world_.run([&] {
      return guard_.require_connection({alice, nullptr, "device"},
                                       ConversationHeader{conversation, alice_and_bob, true});
    });
    return result;
  }
  [[nodiscard]] SystemTime ago(seconds age) const { return world_.clock.system_now() - age; }

  test::World world_;
  FakeStore store_;
  test::FakeConnections& connections_ = world_.connections;
  ConnectionAuthGuard guard_{world_.clock,    world_.tables,   world_.connections,
                             world_.notifier, world_.executor, &store_};
};

TEST_F(SharedDecisionsTest, another_nodes_decision_saves_the_question) {
  store_.stored = Decision{.connected = true, .decided_at = ago(seconds(10))};
  EXPECT_TRUE(ask());
  EXPECT_TRUE(ask());
  EXPECT_EQ(connections_.asked, 0);
  EXPECT_EQ(store_.finds, 1);
}

TEST_F(SharedDecisionsTest, its_age_counts_from_when_it_was_made) {
  store_.stored = Decision{.connected = true, .decided_at = ago(seconds(25))};
  EXPECT_TRUE(ask());
  world_.clock.advance(seconds(6));
  connections_.answer = false;
  EXPECT_EQ(ask().error().code, Errc::not_connected);
  EXPECT_EQ(connections_.asked, 1);
}

TEST_F(SharedDecisionsTest, what_the_service_says_is_shared_with_the_time_of_the_question) {
  const auto asked_at = world_.clock.system_now();
  EXPECT_TRUE(ask());
  ASSERT_EQ(store_.puts.size(), 1U);
  EXPECT_TRUE(store_.puts[0].connected);
  EXPECT_EQ(store_.puts[0].decided_at, asked_at);
}

TEST_F(SharedDecisionsTest, old_yes_of_another_node_serves_while_the_service_is_away) {
  store_.stored = Decision{.connected = true, .decided_at = ago(seconds(100))};
  connections_.answer = base::fail(Errc::authz_unavailable);
  EXPECT_TRUE(ask());
  EXPECT_EQ(connections_.asked, 1);
  world_.clock.advance(seconds(21));
  store_.stored.reset();
  EXPECT_EQ(ask().error().code, Errc::authz_unavailable);
}

TEST_F(SharedDecisionsTest, change_that_was_pushed_is_shared) {
  guard_.apply_change(alice_and_bob, false);
  world_.executor.run();
  ASSERT_EQ(store_.puts.size(), 1U);
  EXPECT_FALSE(store_.puts[0].connected);
}

TEST_F(SharedDecisionsTest, after_missed_changes_everything_is_asked_again) {
  EXPECT_TRUE(ask());
  world_.clock.advance(seconds(1));
  store_.stored = Decision{.connected = true, .decided_at = ago(seconds(1))};
  guard_.distrust_decisions();
  connections_.answer = false;
  EXPECT_EQ(ask().error().code, Errc::not_connected);
  EXPECT_EQ(connections_.asked, 2);
}

TEST_F(SharedDecisionsTest, distrusted_yes_still_serves_while_the_service_is_away) {
  EXPECT_TRUE(ask());
  world_.clock.advance(seconds(1));
  guard_.distrust_decisions();
  connections_.answer = base::fail(Errc::authz_unavailable);
  EXPECT_TRUE(ask());
}

}  // namespace
}  // namespace messaging
