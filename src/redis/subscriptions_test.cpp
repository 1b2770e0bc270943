#include "redis/subscriptions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "redis/fake_transports.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;

const Endpoint a{"a", 1};

std::string pushed(std::string_view kind, std::string_view channel) {
  return "*3\r\n$" + std::to_string(kind.size()) + "\r\n" + std::string(kind) + "\r\n$" +
         std::to_string(channel.size()) + "\r\n" + std::string(channel) + "\r\n:1\r\n";
}

// To a single server. The router has a link of its own, which stays unanswered.
class SubscriptionsTest : public testing::Test, private SubscriptionsObserver, private RouterObserver {
 protected:
  void on_router_link(bool) override {}
  void on_slots_changed() override {}
  void on_unawaited(bool) override {}
  void on_subscriptions_link(bool is_up) override { events_.emplace_back(is_up ? "up" : "down"); }
  void on_subscribed(std::string_view channel) override { events_.emplace_back(channel); }
  void on_published(std::string_view channel, std::string_view payload) override {
    events_.push_back(std::string(channel) + "=" + std::string(payload));
  }

  void make(SubscribingLink::Commands commands = SubscribingLink::Commands::classic) {
    world_.options.endpoints = {a};
    router_ = std::make_shared<Router>(world_.context, Router::WhileAway::fail, static_cast<RouterObserver&>(*this));
    subscriptions_.emplace(world_.context, commands, *router_, static_cast<SubscriptionsObserver&>(*this));
    subscriptions_->start();
  }
  void want(const std::string& channel, bool is_wanted = true) { subscriptions_->want({{channel, is_wanted}}); }
  FakeTransports& server() { return world_.transports; }
  // Confirms every channel of the commands that were sent by now, and notes how many each had. False: there were none.
  bool answer_all(std::vector<std::size_t>& sizes) {
    RespReader commands;
    commands.feed(server().take_sent(a));
    std::string answers;
    while (const auto* const command = commands.next()) {
      sizes.push_back(command->elements.size() - 1);
      for (std::size_t i = 1; i < command->elements.size(); ++i) {
        answers += pushed("subscribe", command->elements[i].text);
      }
    }
    if (!answers.empty()) server().receive(a, answers);
    return !answers.empty();
  }
  // Without the PINGs of a link on which nothing happens, which are answered.
  std::string sent_within(milliseconds time) {
    static const auto ping = encode_command({"PING"});
    std::string sent;
    for (milliseconds passed{0}; passed < time; passed += milliseconds(50)) {
      world_.advance(milliseconds(50));
      auto some = server().take_sent(a);
      if (const auto place = some.find(ping); place != std::string::npos) {
        some.erase(place, ping.size());
        server().receive(a, "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
      }
      sent += some;
    }
    return sent;
  }
  std::vector<std::string> take_events() { return std::exchange(events_, {}); }

  ManualLinks world_;
  std::vector<std::string> events_;
  std::shared_ptr<Router> router_;
  std::optional<Subscriptions> subscriptions_;
};

TEST_F(SubscriptionsTest, WhatWasWantedBeforeTheLinkIsAskedInOneCommand) {
  make();
  subscriptions_->want({{"x", true}, {"gone", true}, {"gone", false}});
  server().come_up(a);
  EXPECT_EQ(server().take_sent(a), encode_command({"SUBSCRIBE", "x"}));
  server().receive(a, pushed("subscribe", "x"));
  server().receive(a, "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$2\r\nhi\r\n");
  EXPECT_THAT(take_events(), ElementsAre("up", "x", "x=hi"));
}

TEST_F(SubscriptionsTest, WhileAnAnswerIsToComeNothingIsAskedForAChannel) {
  make();
  server().come_up(a);
  want("x");
  want("x", false);
  want("x");
  want("x", false);
  EXPECT_EQ(server().take_sent(a), encode_command({"SUBSCRIBE", "x"}));
  server().receive(a, pushed("subscribe", "x"));
  EXPECT_EQ(server().take_sent(a), encode_command({"UNSUBSCRIBE", "x"}));
  want("x");
  EXPECT_EQ(server().take_sent(a), "");
  server().receive(a, pushed("unsubscribe", "x"));
  EXPECT_EQ(server().take_sent(a), encode_command({"SUBSCRIBE", "x"}));
  server().receive(a, pushed("subscribe", "x"));
  EXPECT_THAT(take_events(), ElementsAre("up", "x"));
}

TEST_F(SubscriptionsTest, ManyChannelsAreAskedInPiecesAndNotAllAtOnce) {
  make();
  std::vector<std::pair<std::string, bool>> all;
  for (int i = 0; i < 2'500; ++i) all.emplace_back(std::to_string(i), true);
  subscriptions_->want(all);
  server().come_up(a);
  std::vector<std::size_t> sizes;
  while (answer_all(sizes)) {
  }
  ASSERT_GE(sizes.size(), 5U);
  EXPECT_THAT(std::vector(sizes.begin(), sizes.begin() + 4), ElementsAre(500, 500, 500, 500));
  EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), 2'500U);
  EXPECT_EQ(take_events().size(), 2'501U);
}

TEST_F(SubscriptionsTest, AfterABrokenLinkEverythingIsAskedAgain) {
  make();
  server().come_up(a);
  subscriptions_->want({{"x", true}, {"y", true}});
  server().receive(a, pushed("subscribe", "x") + pushed("subscribe", "y"));
  want("y", false);
  server().break_off(a);
  EXPECT_THAT(take_events(), ElementsAre("up", "x", "y", "down"));
  world_.advance(Link::pause_min * 2);
  server().come_up(a);
  EXPECT_EQ(server().take_sent(a), encode_command({"SUBSCRIBE", "x"}));
  server().receive(a, pushed("subscribe", "x"));
  EXPECT_THAT(take_events(), ElementsAre("up", "x"));
}

TEST_F(SubscriptionsTest, AChannelThatIsRefusedDoesNotTakeOthersWithIt) {
  make();
  server().come_up(a);
  subscriptions_->want({{"x", true}, {"forbidden", true}});
  (void)server().take_sent(a);
  server().receive(a, "-NOPERM this user has no permissions\r\n");
  world_.advance(Subscriptions::retry_pause);
  const auto sent = server().take_sent(a);
  EXPECT_NE(sent.find(encode_command({"SUBSCRIBE", "x"})), std::string::npos);
  EXPECT_NE(sent.find(encode_command({"SUBSCRIBE", "forbidden"})), std::string::npos);
}

TEST_F(SubscriptionsTest, AChannelThatIsRefusedAgainAndAgainIsAskedLessAndLessOften) {
  make();
  server().come_up(a);
  want("x");
  for (const int pause : {100, 200, 400, 800, 1'600, 3'200, 5'000, 5'000}) {
    server().receive(a, "-NOPERM no\r\n");
    static_cast<void>(server().take_sent(a));
    EXPECT_EQ(sent_within(milliseconds(pause - 50)), "") << pause;
    EXPECT_EQ(sent_within(milliseconds(50)), encode_command({"SUBSCRIBE", "x"})) << pause;
  }
}

TEST_F(SubscriptionsTest, AfterAConfirmationARefusalIsRetriedSoonAgain) {
  make();
  server().come_up(a);
  want("x");
  for (const auto pause : {milliseconds(100), milliseconds(200)}) {
    server().receive(a, "-NOPERM no\r\n");
    world_.advance(pause);
  }
  server().receive(a, pushed("subscribe", "x"));
  want("y");
  server().receive(a, "-NOPERM no\r\n");
  static_cast<void>(server().take_sent(a));
  world_.advance(Subscriptions::retry_pause);
  EXPECT_EQ(server().take_sent(a), encode_command({"SUBSCRIBE", "y"}));
}

TEST_F(SubscriptionsTest, ARefusalIsNoOthersDelay) {
  make();
  server().come_up(a);
  want("forbidden");
  for (int pause = 100; pause <= 3'200; pause *= 2) {
    server().receive(a, "-NOPERM no\r\n");
    static_cast<void>(sent_within(milliseconds(pause)));
  }
  server().receive(a, "-NOPERM no\r\n");
  want("x");
  server().receive(a, "-NOPERM no\r\n");
  static_cast<void>(server().take_sent(a));
  world_.advance(Subscriptions::retry_pause);
  EXPECT_NE(server().take_sent(a).find(encode_command({"SUBSCRIBE", "x"})), std::string::npos);
}

TEST_F(SubscriptionsTest, ARefusalIsAFailureUntilItIsConfirmedOrNoLongerWanted) {
  make();
  server().come_up(a);
  subscriptions_->want({{"x", true}, {"forbidden", true}});
  server().receive(a, "-NOPERM no\r\n");
  EXPECT_EQ(subscriptions_->failure(), "");
  const auto refuse_forbidden = [this] {
    static_cast<void>(server().take_sent(a));
    world_.advance(Subscriptions::retry_pause);
    const auto sent = server().take_sent(a);
    const std::string confirmed = pushed("subscribe", "x");
    const std::string refused = "-NOPERM no\r\n";
    const bool is_x_first = sent.find("$1\r\nx\r\n") < sent.find("forbidden");
    server().receive(a, is_x_first ? confirmed + refused : refused + confirmed);
  };
  refuse_forbidden();
  EXPECT_EQ(subscriptions_->failure(), "Redis refuses the subscription to forbidden: NOPERM no");
  world_.advance(Subscriptions::retry_pause * 2);
  server().receive(a, pushed("subscribe", "forbidden"));
  EXPECT_EQ(subscriptions_->failure(), "");

  want("y");
  server().receive(a, "-NOPERM no\r\n");
  EXPECT_NE(subscriptions_->failure(), "");
  want("y", false);
  EXPECT_EQ(subscriptions_->failure(), "");
}

TEST_F(SubscriptionsTest, WantedAgainBeforeItWasEndedIsConfirmed) {
  make();
  server().come_up(a);
  want("x");
  server().receive(a, pushed("subscribe", "x"));
  static_cast<void>(take_events());
  static_cast<void>(server().take_sent(a));
  subscriptions_->want({{"x", false}, {"x", true}});
  EXPECT_EQ(server().take_sent(a), "");
  EXPECT_THAT(take_events(), ElementsAre("x"));
  want("x");
  subscriptions_->want({{"x", false}, {"x", true}, {"x", false}});
  EXPECT_EQ(server().take_sent(a), encode_command({"UNSUBSCRIBE", "x"}));
  EXPECT_THAT(take_events(), testing::IsEmpty());
}

TEST_F(SubscriptionsTest, ARevokedShardChannelIsAskedAgain) {
  make(SubscribingLink::Commands::sharded);
  server().come_up(a);
  want("x");
  EXPECT_EQ(server().take_sent(a), encode_command({"SSUBSCRIBE", "x"}));
  server().receive(a, pushed("ssubscribe", "x"));
  server().receive(a, pushed("sunsubscribe", "x"));
  world_.advance(Subscriptions::retry_pause);
  EXPECT_EQ(server().take_sent(a), encode_command({"SSUBSCRIBE", "x"}));
  server().receive(a, pushed("ssubscribe", "x"));
  EXPECT_THAT(take_events(), ElementsAre("up", "x", "x"));
}

TEST_F(SubscriptionsTest, WhatFitsToNothingThatWasAskedEndsTheConnection) {
  for (const auto& bytes :
       {pushed("subscribe", "y"), pushed("unsubscribe", "y"), pushed("pmessage", "y"), std::string("-ERR x\r\n"),
        std::string(":1\r\n"), std::string("*1\r\n$1\r\nx\r\n"), std::string("*-1\r\n")}) {
    make();
    server().come_up(a);
    take_events();
    server().receive(a, bytes);
    EXPECT_THAT(take_events(), ElementsAre("down")) << bytes;
    EXPECT_FALSE(server().is_open(a));
    subscriptions_->stop();
  }
}

TEST_F(SubscriptionsTest, StoppedItCallsNobodyAndAsksNothing) {
  make();
  server().come_up(a);
  subscriptions_->stop();
  want("x");
  world_.advance(milliseconds(5'000));
  EXPECT_FALSE(server().is_open(a));
  EXPECT_THAT(take_events(), ElementsAre("up"));
}

}  // namespace
}  // namespace redis
