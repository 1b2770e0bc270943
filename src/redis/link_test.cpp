#include "redis/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/fake_commands.hpp"
#include "redis/fake_transports.hpp"
#include "redis/resp_command.hpp"

namespace redis {
namespace {

using base::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Endpoint node{"node", 6379};
const std::string ping = encode_command({"PING"});

class LinkTest : public testing::Test, protected LinkHandler {
 protected:
  void on_link_up() override { events_.emplace_back("up"); }
  void on_link_down() override { events_.emplace_back("down"); }
  void on_link_failed(const std::string& sentence) override { failures_.push_back(sentence); }
  void on_link_reply(Reply& reply) override { replies_.push_back(reply); }

  FakeTransports& server() { return world_.transports; }
  void come_up() {
    link_.open();
    server().come_up(node);
  }

  ManualLinks world_;
  std::vector<std::string> events_;
  std::vector<std::string> failures_;
  std::vector<Reply> replies_;
  Link link_{world_.context, node, Link::Kind::answering, *this};
};

TEST_F(LinkTest, TheLoginGoesBeforeEverythingAndIsUpWhenAllOfItIsAnswered) {
  world_.options.username = "svc";
  world_.options.password = "pw";
  world_.options.database = 2;
  link_.open();
  server().to(node).handler->on_connected();
  EXPECT_EQ(server().take_sent(node), encode_command({"AUTH", "svc", "pw"}) + encode_command({"SELECT", "2"}) + ping);
  server().receive(node, "+OK\r\n+OK\r\n");
  EXPECT_FALSE(link_.is_up());
  server().receive(node, "+PONG\r\n");
  EXPECT_TRUE(link_.is_up());
  EXPECT_THAT(events_, ElementsAre("up"));
  EXPECT_THAT(replies_, IsEmpty());
}

TEST_F(LinkTest, ARefusedLoginIsSaidAndTriedAgain) {
  world_.options.password = "pw";
  link_.open();
  server().to(node).handler->on_connected();
  server().receive(node, "-WRONGPASS invalid\r\n");
  EXPECT_THAT(failures_, ElementsAre("Redis at node:6379: it answers to the login: WRONGPASS invalid"));
  EXPECT_FALSE(server().is_open(node));
  EXPECT_THAT(events_, IsEmpty());
  world_.advance(Link::pause_min * 2);
  EXPECT_EQ(server().opened(), 2U);
}

TEST_F(LinkTest, AnAttemptThatIsNotAnsweredEnds) {
  link_.open();
  world_.advance(Link::connect_time_max + milliseconds(20));
  EXPECT_THAT(failures_, ElementsAre(HasSubstr("in time")));
  EXPECT_FALSE(server().is_open(node));
}

TEST_F(LinkTest, PausesGrowAndHaveAnEnd) {
  link_.open();
  std::size_t attempts_in_first_second = 0;
  base::SteadyTime last = world_.clock.steady_now();
  milliseconds longest{0};
  for (int step = 0; step < 3'000; ++step) {
    world_.advance(milliseconds(10));
    if (!server().is_open(node)) continue;
    server().break_off(node);
    const auto now = world_.clock.steady_now();
    longest = std::max(longest, std::chrono::duration_cast<milliseconds>(now - last));
    last = now;
    if (step < 100) attempts_in_first_second = server().opened();
  }
  EXPECT_GE(attempts_in_first_second, 3U);
  EXPECT_LE(attempts_in_first_second, 7U);
  EXPECT_GT(longest, milliseconds(1'000));
  EXPECT_LE(longest, Link::pause_max + milliseconds(20));
}

TEST_F(LinkTest, RepliesComeInOrderAndThoseToPingAreItsOwn) {
  come_up();
  link_.send(encode_command({"GET", "a"}));
  server().receive(node, "$1\r\n1\r\n");
  world_.advance(Link::idle_time_max + milliseconds(300));
  EXPECT_THAT(server().take_sent(node), testing::EndsWith(ping));
  link_.send(encode_command({"GET", "b"}));
  server().receive(node, "+PONG\r\n$1\r\n2\r\n");
  EXPECT_THAT(replies_, ElementsAre(text_reply("1"), text_reply("2")));
}

TEST_F(LinkTest, ANodeThatAnswersPingStaysUp) {
  come_up();
  for (int second = 0; second < 30; ++second) {
    world_.advance(milliseconds(1'000));
    if (!server().take_sent(node).empty()) server().receive(node, "+PONG\r\n");
  }
  EXPECT_THAT(events_, ElementsAre("up"));
  EXPECT_EQ(server().opened(), 1U);
}

TEST_F(LinkTest, AnIdleNodeThatFallsSilentIsGivenUp) {
  come_up();
  world_.advance(Link::silence_max + milliseconds(250));
  EXPECT_THAT(events_, ElementsAre("up", "down"));
  EXPECT_THAT(failures_, ElementsAre(HasSubstr("does not answer any more")));
}

TEST_F(LinkTest, ACommandThatIsNotAnsweredEndsTheConnection) {
  come_up();
  world_.advance(milliseconds(900));
  link_.send(encode_command({"GET", "a"}));
  world_.advance(Link::silence_max - milliseconds(250));
  EXPECT_THAT(events_, ElementsAre("up"));
  world_.advance(milliseconds(500));
  EXPECT_THAT(events_, ElementsAre("up", "down"));
}

TEST_F(LinkTest, WhatIsNoRespEndsTheConnection) {
  come_up();
  link_.send(encode_command({"GET", "a"}));
  server().receive(node, "+good\r\nHTTP/1.1\r\n");
  EXPECT_THAT(replies_, ElementsAre(status_reply("good")));
  EXPECT_THAT(events_, ElementsAre("up", "down"));
  EXPECT_FALSE(server().is_open(node));
}

TEST_F(LinkTest, AReplyThatNobodyAskedForEndsTheConnection) {
  come_up();
  server().receive(node, "+surprise\r\n+and more\r\n");
  EXPECT_THAT(replies_, IsEmpty());
  EXPECT_THAT(events_, ElementsAre("up", "down"));
}

TEST_F(LinkTest, ALinkThatBreaksSoonAfterItCameUpPausesLongerEachTime) {
  link_.open();
  for (int i = 0; i < 6; ++i) {
    server().come_up(node);
    server().break_off(node);
    if (i < 5) {
      const auto opened = server().opened();
      while (server().opened() == opened) world_.advance(milliseconds(10));
    }
  }
  const auto opened = server().opened();
  world_.advance(milliseconds(700));
  EXPECT_EQ(server().opened(), opened);
}

TEST_F(LinkTest, ClosedItCallsNobodyAndTriesNoMore) {
  come_up();
  link_.close();
  world_.advance(milliseconds(10'000));
  EXPECT_EQ(server().opened(), 1U);
  EXPECT_THAT(events_, ElementsAre("up"));
}

class PushingLinkTest : public LinkTest {
 protected:
  Link pushing_{world_.context, node, Link::Kind::pushing, *this};
};

TEST_F(PushingLinkTest, MessagesComeAtAnyTimeAndPongsAreItsOwn) {
  pushing_.open();
  server().come_up(node);
  server().receive(node, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n");
  world_.advance(Link::idle_time_max + milliseconds(300));
  EXPECT_EQ(server().take_sent(node), ping);
  server().receive(node, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\ny\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  EXPECT_EQ(replies_.size(), 2U);
  world_.advance(Link::silence_max - milliseconds(500));
  EXPECT_TRUE(pushing_.is_up());
  EXPECT_EQ(server().take_sent(node), ping);
}

TEST_F(PushingLinkTest, ANodeThatFallsSilentIsGivenUp) {
  pushing_.open();
  server().come_up(node);
  pushing_.send(encode_command({"SUBSCRIBE", "c"}));
  world_.advance(Link::silence_max + milliseconds(250));
  EXPECT_THAT(events_, ElementsAre("up", "down"));
}

}  // namespace
}  // namespace redis
