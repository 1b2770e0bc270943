#include "gateway/token_watch.hpp"

#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "gateway/connection_state.hpp"
#include "gateway/fakes.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using base::seconds;

class TokenWatchTest : public ::testing::Test {
 protected:
  void start(seconds ttl) {
    expires_at = clock.system_now() + ttl;
    auto state = std::make_unique<ConnectionState>(services, policy, testing::user_id("alice"), nullptr, expires_at);
    watch = &state->token;
    socket->set_state(std::move(state));
    executor.enter([&] { watch->start(socket); });
  }
  [[nodiscard]] std::vector<std::string> sent() { return socket->take_sent(); }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  testing::FakeFeeds feeds;
  messaging::OpaqueTokens tokens{{.epoch = 1, .key = {7}}};
  base::TaskGroup tasks;
  SocketFeed::Services services{feeds, tokens, tasks};
  TokenWatch::Policy policy{clock, seconds(30)};
  std::shared_ptr<testing::FakeSocket> socket = std::make_shared<testing::FakeSocket>("me");
  TokenWatch* watch = nullptr;
  base::SystemTime expires_at;
};

using Sent = std::vector<std::string>;

TEST_F(TokenWatchTest, token_is_announced_60_s_before_it_expires_and_ends_the_transport_at_its_leeway) {
  start(seconds(3600));
  executor.advance(seconds(3539));
  EXPECT_EQ(sent(), Sent());
  executor.advance(seconds(1));
  EXPECT_EQ(sent(), Sent({"2" + token_expiring_json(expires_at)}));
  executor.advance(seconds(89));
  EXPECT_FALSE(socket->transport_closed);
  executor.advance(seconds(1));
  EXPECT_EQ(sent(), Sent({"2" + exception_json({.code = base::Errc::token_expired}, {})}));
  EXPECT_TRUE(socket->transport_closed);
}

TEST_F(TokenWatchTest, token_that_lives_shorter_than_a_minute_is_announced_at_once) {
  start(seconds(20));
  EXPECT_EQ(sent(), Sent({"2" + token_expiring_json(expires_at)}));
  executor.advance(seconds(50));
  EXPECT_TRUE(socket->transport_closed);
}

TEST_F(TokenWatchTest, refreshed_token_counts_instead_of_the_old_one) {
  start(seconds(100));
  executor.advance(seconds(50));
  EXPECT_EQ(sent().size(), 1U);
  const auto later = clock.system_now() + seconds(200);
  executor.enter([&] { watch->refresh(socket, std::make_shared<const std::string>("new"), later); });
  EXPECT_EQ(*watch->token(), "new");
  executor.advance(seconds(139));
  EXPECT_EQ(sent(), Sent());
  executor.advance(seconds(1));
  EXPECT_EQ(sent(), Sent({"2" + token_expiring_json(later)}));
  executor.advance(seconds(90));
  EXPECT_TRUE(socket->transport_closed);
}

TEST_F(TokenWatchTest, corrected_wall_clock_counts_within_an_hour) {
  start(seconds(24 * 3600));
  clock.shift_system_time(seconds(24 * 3600 + 30));
  executor.advance(TokenWatch::sleep_max);
  EXPECT_TRUE(socket->transport_closed);
}

TEST_F(TokenWatchTest, stopped_watch_and_gone_socket_are_left_alone) {
  start(seconds(100));
  executor.enter([&] { watch->stop(); });
  executor.advance(seconds(200));
  EXPECT_EQ(sent(), Sent());
  start(seconds(100));
  socket.reset();
  executor.advance(seconds(200));
}

}  // namespace
}  // namespace gateway
