#include "redis/channel_subscriptions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"

namespace redis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Writes down what it is asked for, and confirms nothing by itself.
class RecordingBus final : public Bus {
 public:
  explicit RecordingBus(base::Executor& executor) : executor_(executor) {}
  void publish(std::string, std::string) override {}
  void subscribe(std::string channel) override { calls.push_back("+" + channel); }
  void unsubscribe(std::string channel) override { calls.push_back("-" + channel); }
  void count_subscribers(std::string, std::move_only_function<void(base::Result<std::int64_t>)>) override {}
  [[nodiscard]] base::Executor& executor() const noexcept override { return executor_; }
  void listen(std::string, BusListener&) override {}

  std::vector<std::string> calls;

 private:
  base::Executor& executor_;
};

class ChannelSubscriptionsTest : public ::testing::Test {
 protected:
  ChannelSubscriptionsTest() {
    subscriptions = std::make_shared<ChannelSubscriptions>(
        bus, ChannelSubscriptions::Observer{
                 .on_gap = [this](const std::string& channel) { log.push_back("gap " + channel); },
                 .on_restored = [this] { log.emplace_back("restored"); }});
  }
  void link_up() {
    subscriptions->on_link(true);
    log.clear();
  }
  void hold(const std::string& channel) {
    executor.enter([&] { subscriptions->hold(channel, [this, channel] { log.push_back("ready " + channel); }); });
  }
  std::vector<std::string> take_calls() { return std::exchange(bus.calls, {}); }
  std::vector<std::string> take_log() {
    executor.run();
    return std::exchange(log, {});
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  RecordingBus bus{executor};
  std::vector<std::string> log;
  std::shared_ptr<ChannelSubscriptions> subscriptions;
};

TEST_F(ChannelSubscriptionsTest, ChannelWithSeveralReasons_IsSubscribedOnce) {
  link_up();
  subscriptions->open("a");
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  subscriptions->close("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a"));
  subscriptions->close("a");
  EXPECT_THAT(take_calls(), ElementsAre("-a"));
  executor.run();
  subscriptions->open("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a"));
}

TEST_F(ChannelSubscriptionsTest, ChannelThatIsOpenedAgainRightAfterItsEnd_IsSubscribedAfterTheBusHasSeenTheEnd) {
  link_up();
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  subscriptions->close("a");
  hold("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a", "-a"));
  executor.run();
  EXPECT_THAT(take_calls(), ElementsAre("+a"));
  EXPECT_THAT(take_log(), IsEmpty());
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
}

TEST_F(ChannelSubscriptionsTest, ChannelThatIsConfirmedAgain_HasAGap) {
  link_up();
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), IsEmpty());
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("gap a"));
}

TEST_F(ChannelSubscriptionsTest, ChannelThatIsClosedAndOpenedWhileItIsBeingSubscribed_StaysSubscribed) {
  link_up();
  subscriptions->open("a");
  subscriptions->close("a");
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a"));
}

TEST_F(ChannelSubscriptionsTest, ChannelThatIsClosedWhileItIsBeingSubscribed_IsUnsubscribedAfterwards) {
  link_up();
  subscriptions->open("a");
  subscriptions->close("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a"));
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_calls(), ElementsAre("-a"));
  subscriptions->close("a");
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_calls(), IsEmpty());
}

TEST_F(ChannelSubscriptionsTest, Hold_IsReadyWithTheConfirmation) {
  link_up();
  hold("a");
  EXPECT_THAT(take_log(), IsEmpty());
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
  executor.advance(base::milliseconds(200));
  EXPECT_THAT(take_log(), IsEmpty());
}

TEST_F(ChannelSubscriptionsTest, HoldOfAConfirmedChannel_IsReadyAtOnce) {
  link_up();
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  hold("a");
  EXPECT_THAT(log, ElementsAre("ready a"));
}

TEST_F(ChannelSubscriptionsTest, HoldWithoutAConfirmation_IsReadyAfterItsTimeAndReportsTheGap) {
  link_up();
  hold("a");
  executor.advance(base::milliseconds(99));
  EXPECT_THAT(take_log(), IsEmpty());
  executor.advance(base::milliseconds(1));
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("gap a"));
}

TEST_F(ChannelSubscriptionsTest, HoldThatIsGivenUpBeforeItsTime_EndsWell) {
  link_up();
  hold("a");
  subscriptions->close("a");
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a", "-a"));
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
  executor.advance(base::milliseconds(200));
  EXPECT_THAT(take_log(), IsEmpty());
}

TEST_F(ChannelSubscriptionsTest, HoldWhileTheLinkIsDown_IsReadyAtOnceAndCoveredByTheRestoring) {
  hold("a");
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
  subscriptions->on_link(true);
  EXPECT_THAT(take_log(), IsEmpty());
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("restored"));
}

TEST_F(ChannelSubscriptionsTest, LinkThatIsLost_LetsWaitersGo) {
  link_up();
  hold("a");
  subscriptions->on_link(false);
  EXPECT_THAT(take_log(), ElementsAre("ready a"));
  executor.advance(base::milliseconds(200));
  EXPECT_THAT(take_log(), IsEmpty());
}

TEST_F(ChannelSubscriptionsTest, LinkThatIsBack_IsReportedWhenEveryChannelIsConfirmed) {
  link_up();
  for (const auto* const channel : {"a", "b"}) {
    subscriptions->open(channel);
    subscriptions->on_subscribed(channel);
  }
  subscriptions->on_link(false);
  subscriptions->on_link(true);
  subscriptions->open("new");
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), IsEmpty());
  subscriptions->on_subscribed("b");
  EXPECT_THAT(take_log(), ElementsAre("restored"));
  subscriptions->on_subscribed("new");
  EXPECT_THAT(take_log(), IsEmpty());
  EXPECT_THAT(take_calls(), ElementsAre("+a", "+b", "+new"));
}

TEST_F(ChannelSubscriptionsTest, LinkThatIsLostAgainWhileItIsBeingRestored_IsReportedOnce) {
  link_up();
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  subscriptions->on_link(false);
  subscriptions->on_link(true);
  subscriptions->on_link(false);
  subscriptions->on_link(true);
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("restored"));
}

TEST_F(ChannelSubscriptionsTest, ChannelThatIsClosedWhileTheLinkIsDown_IsUnsubscribedAtOnce) {
  subscriptions->open("a");
  subscriptions->close("a");
  EXPECT_THAT(take_calls(), ElementsAre("+a", "-a"));
  subscriptions->on_link(true);
  EXPECT_THAT(take_log(), ElementsAre("restored"));
}

TEST_F(ChannelSubscriptionsTest, ChannelWithoutReasonsAtTheLossOfTheLink_IsUnsubscribed) {
  link_up();
  subscriptions->open("a");
  subscriptions->close("a");
  subscriptions->on_link(false);
  EXPECT_THAT(take_calls(), ElementsAre("+a", "-a"));
  subscriptions->on_link(true);
  EXPECT_THAT(take_log(), ElementsAre("restored"));
}

TEST_F(ChannelSubscriptionsTest, HoldRightAfterTheEndAndTheLossOfTheLink_HasAGap) {
  link_up();
  subscriptions->open("a");
  subscriptions->on_subscribed("a");
  subscriptions->close("a");
  subscriptions->on_link(false);
  hold("a");
  subscriptions->on_link(true);
  EXPECT_THAT(take_log(), ElementsAre("ready a", "restored"));
  subscriptions->on_subscribed("a");
  EXPECT_THAT(take_log(), ElementsAre("gap a"));
}

TEST_F(ChannelSubscriptionsTest, TimerThatOutlivesThem_CallsNothing) {
  link_up();
  hold("a");
  subscriptions = nullptr;
  executor.advance(base::milliseconds(200));
  EXPECT_THAT(take_log(), IsEmpty());
}

}  // namespace
}  // namespace redis
