#include "redis/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/fake_commands.hpp"
#include "redis/fake_transports.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Endpoint a{"a", 1};
const Endpoint b{"b", 2};
const std::string ask_slots = encode_command({"CLUSTER", "SLOTS"});

// a owns the lower half of the slots, b the upper one.
constexpr Slot low = 1;
constexpr Slot high = 16'000;
const std::string slots_reply =
    "*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n$1\r\na\r\n:1\r\n*3\r\n:8192\r\n:16383\r\n*2\r\n$1\r\nb\r\n:2\r\n";

class RouterTest : public testing::Test, protected RouterObserver {
 protected:
  void on_router_link(bool is_up) override { links_.push_back(is_up); }
  void on_slots_changed() override { ++slot_changes_; }
  void on_unawaited(bool has_succeeded) override { unawaited_.push_back(has_succeeded); }

  void make(Router::WhileAway while_away = Router::WhileAway::wait) {
    router_ = std::make_shared<Router>(world_.context, while_away, static_cast<RouterObserver&>(*this));
    router_->start();
  }
  void make_cluster(Router::WhileAway while_away = Router::WhileAway::wait) {
    world_.options.is_cluster = true;
    world_.options.endpoints = {a, b};
    make(while_away);
    node().come_up(a);
    EXPECT_EQ(node().take_sent(a), ask_slots);
    node().receive(a, slots_reply);
    node().come_up(b);
  }
  void make_single(Router::WhileAway while_away = Router::WhileAway::wait) {
    world_.options.endpoints = {a};
    make(while_away);
  }
  FakeTransports& node() { return world_.transports; }
  // `name` is what is sent; the outcome is recorded as name=reply or name!code.
  void submit(const std::string& name, std::int32_t slot = Request::any_node) {
    Request request{.bytes = name, .slot = slot};
    request.done = [this, name](base::Result<Reply> reply) {
      outcomes_.push_back(reply ? name + "=" + reply->text : name + "!" + std::string(to_string(reply.error().code)));
    };
    (void)router_->submit(std::move(request));
    world_.executor.run();
  }

  ManualLinks world_;
  std::vector<bool> links_;
  std::vector<bool> unawaited_;
  std::vector<std::string> outcomes_;
  int slot_changes_ = 0;
  std::shared_ptr<Router> router_;
};

TEST_F(RouterTest, CommandsWaitForTheLinkAndLeaveInOrder) {
  make_single();
  submit("1");
  submit("2");
  node().come_up(a);
  submit("3");
  EXPECT_EQ(node().take_sent(a), "123");
  node().receive(a, "+x\r\n+y\r\n-z\r\n");
  EXPECT_THAT(outcomes_, ElementsAre("1=x", "2=y", "3=z"));
  EXPECT_THAT(links_, ElementsAre(true));
}

TEST_F(RouterTest, WithoutALinkACommandFailsInTwoSeconds) {
  make_single();
  submit("1");
  world_.advance(milliseconds(1'800));
  EXPECT_THAT(outcomes_, IsEmpty());
  world_.advance(milliseconds(200));
  EXPECT_THAT(outcomes_, ElementsAre("1!STORAGE_UNAVAILABLE"));
  // The next attempt succeeds.
  world_.advance(milliseconds(200));
  node().come_up(a);
  EXPECT_EQ(node().take_sent(a), "");
}

TEST_F(RouterTest, WhatCannotWaitFailsAtOnceWithoutALink) {
  make_single(Router::WhileAway::fail);
  EXPECT_TRUE(router_->submit({.bytes = "1"}));
  world_.executor.run();
  EXPECT_THAT(unawaited_, ElementsAre(false));
}

TEST_F(RouterTest, WhatWasSentFailsWhenTheLinkBreaks) {
  make_single();
  node().come_up(a);
  submit("1");
  (void)router_->submit({.bytes = "2"});
  world_.executor.run();
  node().break_off(a);
  EXPECT_THAT(outcomes_, ElementsAre("1!STORAGE_UNAVAILABLE"));
  EXPECT_THAT(unawaited_, ElementsAre(false));
  EXPECT_THAT(links_, ElementsAre(true, false));
  EXPECT_EQ(router_->failure(), "Redis at a:1: Connection refused");
}

TEST_F(RouterTest, AReplyThatComesTooLateGoesToNobody) {
  make_single();
  node().come_up(a);
  submit("late");
  world_.advance(milliseconds(1'000));
  submit("next");
  world_.advance(milliseconds(900));
  // Something comes, so that the link is not given up.
  node().receive(a, "$3\r\n");
  world_.advance(milliseconds(100));
  EXPECT_THAT(outcomes_, ElementsAre("late!STORAGE_UNAVAILABLE"));
  node().receive(a, "old\r\n+new\r\n");
  EXPECT_THAT(outcomes_, ElementsAre("late!STORAGE_UNAVAILABLE", "next=new"));
}

TEST_F(RouterTest, BeyondTheNumberOfRequestsTheNewestAreRefused) {
  make_single();
  for (std::size_t i = 0; i < Router::requests_max; ++i) ASSERT_TRUE(router_->submit({.bytes = "x"}));
  EXPECT_FALSE(router_->submit({.bytes = "x"}));
  submit("one more");
  EXPECT_THAT(outcomes_, ElementsAre("one more!OVERLOADED"));
  node().come_up(a);
  EXPECT_TRUE(router_->is_half_full());
  std::string replies;
  for (std::size_t i = 0; i < Router::requests_max; ++i) replies += ":1\r\n";
  node().receive(a, replies);
  EXPECT_FALSE(router_->is_half_full());
  EXPECT_TRUE(router_->submit({.bytes = "x"}));
}

TEST_F(RouterTest, BeyondTheNumberOfBytesTheNewestAreRefused) {
  make_single();
  const std::string half(Router::bytes_max / 2, 'x');
  ASSERT_TRUE(router_->submit({.bytes = half}));
  ASSERT_TRUE(router_->submit({.bytes = half}));
  EXPECT_FALSE(router_->submit({.bytes = "x"}));
  world_.executor.run();
  node().come_up(a);
  node().receive(a, "+ok\r\n");
  EXPECT_TRUE(router_->submit({.bytes = "x"}));
}

TEST_F(RouterTest, InAClusterEachCommandGoesToItsOwner) {
  make_cluster();
  submit("1", low);
  submit("2", high);
  EXPECT_EQ(node().take_sent(a), "1");
  EXPECT_EQ(node().take_sent(b), "2");
  EXPECT_THAT(links_, ElementsAre(true));
}

TEST_F(RouterTest, BeforeTheSlotsAreKnownCommandsWait) {
  world_.options.is_cluster = true;
  world_.options.endpoints = {a, b};
  make();
  submit("1", high);
  node().come_up(a);
  EXPECT_FALSE(router_->is_up());
  node().receive(a, slots_reply);
  node().come_up(b);
  EXPECT_EQ(node().take_sent(b), "1");
}

TEST_F(RouterTest, AMovedSlotIsFollowedAndNothingOvertakes) {
  make_cluster();
  submit("1", low);
  submit("2", low);
  (void)node().take_sent(a);
  node().receive(a, "-MOVED 1 b:2\r\n");
  // The former owner has yet to refuse this one's predecessor.
  submit("3", low);
  EXPECT_EQ(node().take_sent(b), "1");
  node().receive(a, "-MOVED 1 b:2\r\n");
  EXPECT_EQ(node().take_sent(b), "23");
  node().receive(b, "+x\r\n+y\r\n+z\r\n");
  EXPECT_THAT(outcomes_, ElementsAre("1=x", "2=y", "3=z"));
  submit("4", low);
  EXPECT_EQ(node().take_sent(b), "4");
  EXPECT_GE(slot_changes_, 2);
}

TEST_F(RouterTest, ASlotThatMovesFromABrokenNodeIsNotBarredForEver) {
  make_cluster();
  submit("1", low);
  submit("2", low);
  node().receive(a, "-MOVED 1 b:2\r\n");
  submit("3", low);
  node().break_off(a);
  EXPECT_EQ(node().take_sent(b), "13");
}

TEST_F(RouterTest, NodesThatQuarrelAboutASlotAreNotFollowedForEver) {
  make_cluster();
  submit("1", low);
  for (int i = 0; i < 10 && outcomes_.empty(); ++i) {
    if (!node().take_sent(a).empty()) node().receive(a, "-MOVED 1 b:2\r\n");
    if (!node().take_sent(b).empty()) node().receive(b, "-MOVED 1 a:1\r\n");
  }
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_TRUE(outcomes_[0].starts_with("1=MOVED"));
}

TEST_F(RouterTest, AnAskedCommandGoesOnceToTheOtherNode) {
  make_cluster();
  submit("1", low);
  (void)node().take_sent(a);
  node().receive(a, "-ASK 1 b:2\r\n");
  EXPECT_EQ(node().take_sent(b), encode_command({"ASKING"}) + "1");
  node().receive(b, "+OK\r\n+x\r\n");
  EXPECT_THAT(outcomes_, ElementsAre("1=x"));
  submit("2", low);
  EXPECT_EQ(node().take_sent(a), "2");
}

TEST_F(RouterTest, AMasterThatIsAwayLeadsToNewSlots) {
  make_cluster();
  node().break_off(b);
  EXPECT_THAT(links_, ElementsAre(true, false));
  world_.advance(milliseconds(100));
  EXPECT_EQ(node().take_sent(a), ask_slots);
  node().receive(a, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n:1\r\n");
  EXPECT_TRUE(router_->is_up());
  submit("1", high);
  EXPECT_EQ(node().take_sent(a), "1");
  EXPECT_THAT(router_->masters(), ElementsAre(a));
}

TEST_F(RouterTest, StopWaitsForWhatIsUnderWay) {
  make_single();
  node().come_up(a);
  submit("1");
  bool is_stopped = false;
  router_->stop([&] { is_stopped = true; });
  EXPECT_FALSE(is_stopped);
  submit("2");
  node().receive(a, "+x\r\n");
  EXPECT_TRUE(is_stopped);
  EXPECT_THAT(outcomes_, ElementsAre("2!STORAGE_UNAVAILABLE", "1=x"));
  EXPECT_FALSE(node().is_open(a));
}

TEST_F(RouterTest, StopWaitsASecondAtMost) {
  make_single();
  submit("waits");
  bool is_stopped = false;
  router_->stop([&] { is_stopped = true; });
  world_.advance(Router::stop_time_max);
  EXPECT_TRUE(is_stopped);
  EXPECT_THAT(outcomes_, ElementsAre("waits!STORAGE_UNAVAILABLE"));
}

}  // namespace
}  // namespace redis
