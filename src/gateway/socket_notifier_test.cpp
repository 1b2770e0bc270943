#include "gateway/socket_notifier.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "gateway/fakes.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using messaging::Position;
using testing::FakeFeeds;
using testing::user_id;

// Hears what one socket would be told.
struct Listener final : LiveFeedListener {
  void on_live_event(const std::shared_ptr<const LiveEvent>& event) override { heard.push_back(event); }
  void on_announcement(const engineio::OutboundMessage& packet) override {
    announced.push_back(testing::text_of(packet));
  }

  [[nodiscard]] std::vector<Position> take_positions() {
    std::vector<Position> positions;
    for (const auto& event : std::exchange(heard, {})) positions.push_back(event->position);
    return positions;
  }

  std::vector<std::shared_ptr<const LiveEvent>> heard;
  std::vector<std::string> announced;
  std::optional<base::Result<Position>> told_up_to;
};

base::Task<> subscribe(SocketNotifier& notifier, messaging::UserId user, Listener& listener) {
  listener.told_up_to = co_await notifier.subscribe(std::move(user), listener);
}

class SocketNotifierTest : public ::testing::Test {
 protected:
  ~SocketNotifierTest() override {
    feeds.is_slow = false;
    feeds.release();
    run();
  }

  void run() {
    while (first.run() + second.run() != 0) {
    }
  }
  void advance(base::milliseconds by) {
    run();
    first.advance(by);
    run();
  }
  void connect(base::ManualExecutor& thread, const messaging::UserId& user, Listener& listener) {
    thread.enter([&] { tasks.spawn(subscribe(notifier, user, listener)); });
    run();
  }
  void disconnect(base::ManualExecutor& thread, const messaging::UserId& user, Listener& listener) {
    thread.enter([&] { notifier.unsubscribe(user, listener); });
    run();
  }
  void publish(Position position, std::string except = {}) {
    first.enter([&] { notifier.publish(alice, position, feeds.event_at(position), except, {}); });
    run();
  }

  base::ManualClock clock;
  base::ManualExecutor first{clock};
  base::ManualExecutor second{clock};
  FakeFeeds feeds;
  testing::FakeAdapter adapter;
  messaging::OpaqueTokens tokens{{.epoch = 1, .key = {7}}};
  messaging::UserId alice = user_id("alice");
  SocketNotifier notifier{clock, {&first, &second}, feeds, tokens, adapter};
  base::TaskGroup tasks;
};

using Positions = std::vector<Position>;

// One of several nodes.
class ClusterNotifierTest : public SocketNotifierTest {
 protected:
  ClusterNotifierTest() {
    adapter.is_cluster = true;
    node.emplace(clock, std::vector<base::Executor*>{&first, &second}, feeds, tokens, adapter);
    run();
  }
  ~ClusterNotifierTest() override {
    first.enter([&] { node->stop([] {}); });
    run();
    feeds.is_slow = false;
    feeds.release();
    run();
  }

  void connect(Listener& listener) {
    first.enter([&] { tasks.spawn(subscribe(*node, alice, listener)); });
    run();
  }
  // The event of this position, as another node publishes it.
  [[nodiscard]] socketio::RelayedEvent from_another_node(Position position) const {
    return {.name = "messageStatus",
            .json = event_json(*feeds.event_at(position), tokens.offset(alice, position)),
            .to = {.rooms = {"user:alice"}}};
  }
  bool relay(socketio::RelayedEvent event) {
    bool is_dealt_with = false;
    second.enter([&] { is_dealt_with = adapter.listener->on_relayed(event); });
    run();
    return is_dealt_with;
  }

  std::optional<SocketNotifier> node;
};

TEST_F(ClusterNotifierTest, every_position_is_published_once_also_where_nobody_is_connected_here) {
  feeds.commit_up_to(1);
  const auto trace = base::TraceContext::from({});
  first.enter([&] { node->publish(alice, 1, feeds.event_at(1), "phone", trace); });
  ASSERT_EQ(adapter.published.size(), 1U);
  const auto& published = adapter.published.front();
  EXPECT_EQ(published.json, event_json(*feeds.event_at(1), tokens.offset(alice, 1)));
  EXPECT_EQ(published.options.rooms, std::vector<std::string>({"user:alice"}));
  EXPECT_EQ(published.options.except, std::vector<std::string>({"phone"}));
  EXPECT_EQ(published.traceparent, trace.to_traceparent());
}

TEST_F(ClusterNotifierTest, event_of_another_node_is_told_in_its_order) {
  Listener listener;
  connect(listener);
  feeds.commit_up_to(2);
  EXPECT_TRUE(relay(from_another_node(2)));
  EXPECT_EQ(listener.take_positions(), Positions());
  first.enter([&] { node->publish(alice, 1, feeds.event_at(1), {}, {}); });
  run();
  EXPECT_EQ(listener.take_positions(), Positions({1, 2}));
  EXPECT_TRUE(relay(from_another_node(2)));
  EXPECT_EQ(listener.take_positions(), Positions());
}

TEST_F(ClusterNotifierTest, relayed_event_is_told_as_the_other_node_wrote_it) {
  Listener listener;
  connect(listener);
  feeds.commit_up_to(1);
  auto event = from_another_node(1);
  event.to.except = {"tablet"};
  const auto json = event.json;
  relay(std::move(event));
  ASSERT_EQ(listener.heard.size(), 1U);
  EXPECT_EQ(testing::text_of(listener.heard.front()->packet), "2" + json);
  EXPECT_EQ(listener.heard.front()->except, "tablet");
}

TEST_F(ClusterNotifierTest, head_is_read_after_the_room_was_confirmed) {
  adapter.is_slow = true;
  Listener listener;
  connect(listener);
  EXPECT_EQ(adapter.held, std::vector<std::string>({"user:alice"}));
  EXPECT_EQ(feeds.heads_read, 0);
  const auto home = std::hash<messaging::UserId>{}(alice) % 2;
  (home == 0 ? first : second).enter([&] { adapter.confirm(); });
  run();
  EXPECT_EQ(feeds.heads_read, 1);
  EXPECT_TRUE(listener.told_up_to.has_value());
  first.enter([&] { node->unsubscribe(alice, listener); });
  run();
  EXPECT_EQ(adapter.held, std::vector<std::string>());
}

TEST_F(ClusterNotifierTest, lost_last_event_is_found_when_a_member_was_lost) {
  Listener listener;
  connect(listener);
  feeds.commit_up_to(3);
  node->on_member_lost();
  advance(UserSequencer::hold_max);
  advance(UserSequencer::hold_max);
  EXPECT_EQ(listener.take_positions(), Positions({1, 2, 3}));
}

TEST_F(ClusterNotifierTest, room_that_was_confirmed_late_is_compared) {
  Listener listener;
  connect(listener);
  feeds.commit_up_to(1);
  adapter.listener->on_possible_loss("user:alice");
  advance(UserSequencer::hold_max);
  EXPECT_EQ(listener.take_positions(), Positions({1}));
}

TEST_F(ClusterNotifierTest, unreachable_cluster_is_made_up_for_from_the_tables) {
  Listener listener;
  connect(listener);
  adapter.listener->on_link(true);
  advance(HeadComparison::interval_without_link);
  adapter.listener->on_link(false);
  feeds.commit_up_to(1);
  advance(HeadComparison::interval_without_link);
  advance(UserSequencer::hold_max);
  EXPECT_EQ(listener.take_positions(), Positions({1}));
}

TEST_F(ClusterNotifierTest, typing_goes_to_the_sockets_and_ends_when_its_node_is_silent) {
  const auto conversation = messaging::ConversationId::v7(clock.system_now());
  const auto bob = user_id("bob");
  EXPECT_FALSE(
      relay({.name = "typing", .json = typing_json(conversation, bob, true), .to = {.rooms = {"user:alice"}}}));
  advance(RelayedTyping::timeout);
  ASSERT_EQ(adapter.broadcasts.size(), 1U);
  EXPECT_EQ(adapter.broadcasts.front().first, "2" + typing_json(conversation, bob, false));
  EXPECT_EQ(adapter.broadcasts.front().second.rooms, std::vector<std::string>({"user:alice"}));
}

TEST_F(ClusterNotifierTest, foreign_event_that_ends_in_a_string_is_sent_with_each_sockets_offset) {
  EXPECT_FALSE(relay({.name = "hello", .json = R"(["hello",1])", .to = {.rooms = {"user:alice"}}}));
  EXPECT_TRUE(relay({.name = "hello", .json = R"(["hello","x"])", .to = {.rooms = {"lobby"}}}));
  ASSERT_EQ(adapter.visits.size(), 1U);
  EXPECT_EQ(adapter.visits.front().rooms, std::vector<std::string>({"lobby"}));
}

TEST_F(ClusterNotifierTest, commit_in_doubt_is_looked_for_on_all_nodes) {
  node->suspect_loss();
  run();
  EXPECT_EQ(adapter.losses_announced, 1);
}

TEST_F(SocketNotifierTest, subscription_tells_the_head_and_everything_above_it) {
  feeds.commit_up_to(5);
  Listener phone;
  connect(second, alice, phone);
  EXPECT_EQ(**phone.told_up_to, 5);
  feeds.commit();
  publish(6, "tablet");
  ASSERT_EQ(phone.heard.size(), 1U);
  EXPECT_EQ(phone.heard[0]->except, "tablet");
  EXPECT_EQ(testing::text_of(phone.heard[0]->packet), "2" + event_json(*feeds.event_at(6), tokens.offset(alice, 6)));
  disconnect(second, alice, phone);
}

TEST_F(SocketNotifierTest, devices_of_all_threads_hear_the_same_encoded_packet) {
  Listener phone;
  Listener tablet;
  Listener laptop;
  connect(first, alice, phone);
  connect(second, alice, tablet);
  connect(second, alice, laptop);
  EXPECT_EQ(feeds.heads_read, 1);
  feeds.commit();
  publish(1);
  ASSERT_EQ(phone.heard.size(), 1U);
  EXPECT_EQ(tablet.heard, phone.heard);
  EXPECT_EQ(laptop.heard, phone.heard);
  disconnect(first, alice, phone);
  disconnect(second, alice, tablet);
  feeds.commit();
  publish(2);
  EXPECT_EQ(phone.take_positions(), Positions({1}));
  EXPECT_EQ(laptop.take_positions(), Positions({1, 2}));
  disconnect(second, alice, laptop);
}

TEST_F(SocketNotifierTest, other_users_hear_nothing) {
  Listener bob;
  connect(first, user_id("bob"), bob);
  feeds.commit();
  publish(1);
  EXPECT_TRUE(bob.heard.empty());
  disconnect(first, user_id("bob"), bob);
}

TEST_F(SocketNotifierTest, commit_during_the_read_of_the_head_is_told_once) {
  feeds.commit_up_to(3);
  feeds.is_slow = true;
  Listener phone;
  connect(first, alice, phone);
  feeds.commit_up_to(5);
  publish(5);
  feeds.position = 4;
  feeds.release();
  run();
  feeds.position = 5;
  EXPECT_EQ(**phone.told_up_to, 4);
  publish(4);
  EXPECT_EQ(phone.take_positions(), Positions({5}));
  disconnect(first, alice, phone);
}

TEST_F(SocketNotifierTest, head_that_cannot_be_read_fails_the_subscription_and_is_read_again_for_the_next) {
  feeds.is_away = true;
  Listener phone;
  connect(first, alice, phone);
  EXPECT_EQ(phone.told_up_to->error().code, base::Errc::storage_unavailable);
  feeds.is_away = false;
  Listener tablet;
  connect(first, alice, tablet);
  EXPECT_TRUE(*tablet.told_up_to);
  disconnect(first, alice, phone);
  disconnect(first, alice, tablet);
}

TEST_F(SocketNotifierTest, user_who_comes_again_begins_at_the_new_head) {
  Listener phone;
  connect(first, alice, phone);
  disconnect(first, alice, phone);
  feeds.commit_up_to(7);
  connect(second, alice, phone);
  EXPECT_EQ(**phone.told_up_to, 7);
  disconnect(second, alice, phone);
}

TEST_F(SocketNotifierTest, lost_news_are_read_from_the_table_after_50_ms) {
  Listener phone;
  connect(second, alice, phone);
  feeds.commit_up_to(3);
  publish(3);
  EXPECT_EQ(phone.take_positions(), Positions());
  for (auto* thread : {&first, &second}) thread->advance(UserSequencer::hold_max);
  run();
  EXPECT_EQ(phone.take_positions(), Positions({1, 2, 3}));
  EXPECT_EQ(feeds.pages_read, 1);
  disconnect(second, alice, phone);
}

TEST_F(SocketNotifierTest, gap_that_closes_in_time_costs_no_read) {
  Listener phone;
  connect(second, alice, phone);
  feeds.commit_up_to(2);
  publish(2);
  publish(1);
  EXPECT_EQ(phone.take_positions(), Positions({1, 2}));
  for (auto* thread : {&first, &second}) thread->advance(base::seconds(1));
  EXPECT_EQ(feeds.pages_read, 0);
  disconnect(second, alice, phone);
}

TEST_F(SocketNotifierTest, read_for_a_user_who_left_meanwhile_is_dropped) {
  Listener phone;
  connect(second, alice, phone);
  feeds.commit_up_to(2);
  publish(2);
  feeds.is_slow = true;
  for (auto* thread : {&first, &second}) thread->advance(UserSequencer::hold_max);
  disconnect(second, alice, phone);
  feeds.release();
  run();
  EXPECT_TRUE(phone.heard.empty());
}

TEST_F(SocketNotifierTest, read_for_a_user_who_left_is_not_taken_for_one_who_came_again) {
  Listener phone;
  connect(second, alice, phone);
  feeds.commit_up_to(2);
  publish(2);
  feeds.is_slow = true;
  for (auto* thread : {&first, &second}) thread->advance(UserSequencer::hold_max);
  disconnect(second, alice, phone);
  connect(second, alice, phone);
  feeds.release();
  run();
  EXPECT_TRUE(phone.heard.empty());
  EXPECT_EQ(**phone.told_up_to, 2);
  disconnect(second, alice, phone);
}

TEST_F(SocketNotifierTest, typing_goes_volatile_to_the_room_of_the_user) {
  notifier.typing(alice, {}, user_id("bob"), true);
  ASSERT_EQ(adapter.broadcasts.size(), 1U);
  const auto& [text, options] = adapter.broadcasts[0];
  EXPECT_EQ(text, "2" + typing_json({}, user_id("bob"), true));
  EXPECT_EQ(options.rooms, std::vector<std::string>({"user:alice"}));
  EXPECT_TRUE(options.is_volatile);
}

TEST_F(SocketNotifierTest, announcement_reaches_every_listener_of_the_node) {
  Listener phone;
  Listener bob;
  connect(first, alice, phone);
  connect(second, user_id("bob"), bob);
  notifier.announce(engineio::OutboundMessage::text("x"));
  run();
  EXPECT_EQ(phone.announced, std::vector<std::string>({"x"}));
  EXPECT_EQ(bob.announced, std::vector<std::string>({"x"}));
  disconnect(first, alice, phone);
  disconnect(second, user_id("bob"), bob);
}

TEST_F(SocketNotifierTest, stop_waits_for_reads_that_are_under_way) {
  feeds.is_slow = true;
  Listener phone;
  connect(first, alice, phone);
  bool stopped = false;
  notifier.stop([&] { stopped = true; });
  EXPECT_FALSE(stopped);
  feeds.release();
  run();
  EXPECT_TRUE(stopped);
  disconnect(first, alice, phone);
}

}  // namespace
}  // namespace gateway
