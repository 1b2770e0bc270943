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
    first.enter([&] { notifier.publish(alice, position, feeds.event_at(position), except); });
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
