#include "gateway/socket_feed.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "gateway/connection_state.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/fakes.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using messaging::Position;
using testing::FakeFeeds;
using testing::FakeSocket;
using testing::user_id;

class SocketFeedTest : public ::testing::Test {
 protected:
  SocketFeedTest() {
    auto state = std::make_unique<ConnectionState>(services, token_policy, alice, nullptr, clock.system_now());
    feed = &state->feed;
    socket->set_state(std::move(state));
  }
  ~SocketFeedTest() override {
    socket->connected = false;
    feeds.release();
    executor.advance(SocketFeed::read_retry_pause);
  }

  void begin(Position start, Position told_up_to) {
    executor.enter([&] { feed->begin(socket, start, told_up_to); });
  }
  // The news of a commit, as the sequencer sends it.
  void live(Position position, std::string except = {}) {
    auto event = std::make_shared<LiveEvent>();
    event->user = alice;
    event->position = position;
    event->packet = packet("E" + std::to_string(position));
    event->except = std::move(except);
    executor.enter([&] { feed->on_live_event(event); });
  }
  void commit_and_tell(Position position, std::string except = {}) {
    feeds.commit_up_to(position);
    live(position, std::move(except));
  }
  void drain() {
    socket->is_full = false;
    executor.enter([&] { feed->on_drained(); });
  }

  static engineio::OutboundMessage packet(const std::string& text) { return event_packet(text); }
  // What was sent, short: E7 a live event, R7 one that was read from the table, S7 `synced` with the offset of 7.
  std::vector<std::string> take_sent() {
    std::vector<std::string> names;
    for (const auto& text : socket->take_sent()) names.push_back(name_of_packet(text));
    return names;
  }
  [[nodiscard]] std::string name_of_packet(const std::string& text) const {
    if (text.starts_with("2E")) return text.substr(1);
    for (Position position = 0; position <= feeds.position; ++position) {
      const auto offset = tokens.offset(alice, position);
      if (!text.ends_with(",\"" + offset + "\"]")) continue;
      return (text.starts_with("2[\"synced\"") ? "S" : "R") + std::to_string(position);
    }
    return text;
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  messaging::UserId alice = user_id("alice");
  messaging::OpaqueTokens tokens{{.epoch = 1, .key = {7}}};
  FakeFeeds feeds;
  base::TaskGroup tasks;
  SocketFeed::Services services{feeds, tokens, tasks};
  TokenWatch::Policy token_policy{clock, base::seconds(30)};
  std::shared_ptr<FakeSocket> socket = std::make_shared<FakeSocket>("me");
  SocketFeed* feed = nullptr;
};

using Sent = std::vector<std::string>;

TEST_F(SocketFeedTest, first_connect_at_the_head_is_synced_without_a_read) {
  feeds.commit_up_to(5);
  begin(5, 5);
  EXPECT_EQ(take_sent(), Sent({"S5"}));
  EXPECT_EQ(feeds.pages_read, 0);
  commit_and_tell(6);
  EXPECT_EQ(take_sent(), Sent({"E6"}));
}

TEST_F(SocketFeedTest, what_was_missed_is_replayed_and_then_synced) {
  feeds.commit_up_to(5);
  begin(2, 5);
  EXPECT_EQ(take_sent(), Sent({"R3", "R4", "R5", "S5"}));
}

TEST_F(SocketFeedTest, long_absence_is_replayed_page_by_page) {
  feeds.commit_up_to(250);
  begin(0, 250);
  const auto sent = take_sent();
  EXPECT_EQ(sent.size(), 251U);
  EXPECT_EQ(sent.back(), "S250");
  EXPECT_EQ(feeds.pages_read, 3);
}

TEST_F(SocketFeedTest, live_events_during_the_replay_come_after_it_and_before_synced) {
  feeds.commit_up_to(4);
  feeds.is_slow = true;
  begin(2, 4);
  live(5);
  live(6);
  EXPECT_EQ(take_sent(), Sent());
  executor.enter([&] { feeds.release(); });
  feeds.position = 6;
  EXPECT_EQ(take_sent(), Sent({"R3", "R4", "E5", "E6", "S6"}));
}

TEST_F(SocketFeedTest, event_that_is_both_read_and_told_live_is_sent_once) {
  feeds.commit_up_to(4);
  feeds.is_slow = true;
  begin(2, 3);
  live(4);
  executor.enter([&] { feeds.release(); });
  EXPECT_EQ(take_sent(), Sent({"R3", "R4", "S4"}));
}

TEST_F(SocketFeedTest, event_that_came_before_the_connect_was_answered_is_sent_after_it) {
  feeds.commit_up_to(6);
  live(6);
  begin(5, 5);
  EXPECT_EQ(take_sent(), Sent({"E6", "S6"}));
}

TEST_F(SocketFeedTest, client_that_is_ahead_of_this_node_is_not_told_twice) {
  feeds.commit_up_to(7);
  begin(7, 5);
  live(6);
  live(7);
  EXPECT_EQ(take_sent(), Sent({"S7"}));
  commit_and_tell(8);
  EXPECT_EQ(take_sent(), Sent({"E8"}));
}

TEST_F(SocketFeedTest, too_many_held_events_are_let_go_and_read_from_the_table) {
  const auto last = static_cast<Position>(SocketFeed::held_events_max) + 5;
  feeds.commit_up_to(1);
  feeds.is_slow = true;
  begin(0, 1);
  for (Position position = 2; position <= last; ++position) commit_and_tell(position);
  feeds.is_slow = false;
  executor.enter([&] { feeds.release(); });
  const auto sent = take_sent();
  ASSERT_EQ(sent.size(), static_cast<std::size_t>(last) + 1);
  for (Position position = 1; position <= last; ++position) {
    ASSERT_EQ(sent[static_cast<std::size_t>(position) - 1], "R" + std::to_string(position));
  }
  EXPECT_EQ(sent.back(), "S" + std::to_string(last));
}

TEST_F(SocketFeedTest, replay_waits_where_the_queue_is_full_and_goes_on_where_it_stopped) {
  feeds.commit_up_to(5);
  socket->full_after = 2;
  begin(0, 5);
  EXPECT_EQ(take_sent(), Sent({"R1", "R2"}));
  drain();
  EXPECT_EQ(take_sent(), Sent({"R3", "R4", "R5", "S5"}));
}

TEST_F(SocketFeedTest, slow_socket_misses_live_events_and_reads_them_when_it_has_drained) {
  begin(0, 0);
  socket->is_full = true;
  commit_and_tell(1);
  commit_and_tell(2);
  EXPECT_EQ(take_sent(), Sent({"S0"}));
  drain();
  EXPECT_EQ(take_sent(), Sent({"R1", "R2"}));
  commit_and_tell(3);
  EXPECT_EQ(take_sent(), Sent({"E3"}));
}

TEST_F(SocketFeedTest, event_that_comes_while_a_slow_socket_is_read_for_is_read_too) {
  begin(0, 0);
  socket->is_full = true;
  commit_and_tell(1);
  feeds.is_slow = true;
  drain();
  live(2);
  executor.enter([&] { feeds.release(); });
  EXPECT_EQ(take_sent(), Sent({"S0", "R1"}));
  feeds.commit();
  executor.enter([&] { feeds.release(); });
  EXPECT_EQ(take_sent(), Sent({"R2"}));
}

TEST_F(SocketFeedTest, drained_queue_of_a_live_socket_reads_nothing) {
  begin(0, 0);
  drain();
  EXPECT_EQ(feeds.pages_read, 0);
}

TEST_F(SocketFeedTest, own_event_is_not_told_live_and_not_repeated_from_the_table) {
  begin(0, 0);
  commit_and_tell(1, "me");
  commit_and_tell(2, "another");
  EXPECT_EQ(take_sent(), Sent({"S0", "E2"}));
  commit_and_tell(3, "me");
  socket->is_full = true;
  commit_and_tell(4);
  drain();
  EXPECT_EQ(take_sent(), Sent({"R4"}));
}

TEST_F(SocketFeedTest, synced_is_sent_again_when_the_position_ran_64_ahead_of_the_last_offset) {
  begin(0, 0);
  for (Position position = 1; position <= 63; ++position) commit_and_tell(position, "me");
  EXPECT_EQ(take_sent(), Sent({"S0"}));
  commit_and_tell(64, "me");
  EXPECT_EQ(take_sent(), Sent({"S64"}));
  commit_and_tell(65, "me");
  EXPECT_EQ(take_sent(), Sent());
}

TEST_F(SocketFeedTest, read_that_fails_is_tried_again_after_a_pause) {
  feeds.commit_up_to(2);
  feeds.is_away = true;
  begin(0, 2);
  executor.advance(SocketFeed::read_retry_pause - base::milliseconds(1));
  EXPECT_EQ(feeds.pages_read, 1);
  feeds.is_away = false;
  executor.advance(base::milliseconds(1));
  EXPECT_EQ(take_sent(), Sent({"R1", "R2", "S2"}));
}

TEST_F(SocketFeedTest, socket_that_was_disconnected_during_a_read_is_sent_nothing_and_read_for_no_more) {
  feeds.commit_up_to(250);
  feeds.is_slow = true;
  begin(0, 250);
  socket->connected = false;
  executor.enter([&] { feeds.release(); });
  EXPECT_EQ(take_sent(), Sent());
  EXPECT_EQ(tasks.size(), 0U);
}

TEST_F(SocketFeedTest, announcement_reaches_the_socket_in_every_state_but_before_the_connect) {
  feed->on_announcement(packet("A"));
  begin(0, 0);
  feed->on_announcement(packet("B"));
  EXPECT_EQ(socket->take_sent().back(), "2B");
}

}  // namespace
}  // namespace gateway
