#include "engineio/session_machine.hpp"

#include <gtest/gtest.h>

namespace engineio {
namespace {

using Action = SessionMachine::Action;
using State = SessionMachine::State;
using base::milliseconds;
using base::SteadyTime;

constexpr SessionTiming timing{milliseconds(300), milliseconds(200), milliseconds(1'000)};

// Milliseconds after the session was opened.
SteadyTime at(int ms) {
  return SteadyTime(base::seconds(1'000)) + milliseconds(ms);
}

SessionMachine make(State first) {
  return {timing, first, at(0)};
}
Packet packet(PacketType type, std::string_view data = {}) {
  return {.type = type, .data = data};
}

// --- Heartbeat

TEST(Heartbeat, FirstPing_IsDueOneIntervalAfterTheOpening) {
  auto machine = make(State::websocket);
  EXPECT_EQ(machine.next_wake(), at(300));
  EXPECT_EQ(machine.on_time(at(299)), Action::none);
  EXPECT_EQ(machine.on_time(at(300)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(300)), Action::none);
  EXPECT_EQ(machine.next_wake(), at(500));
}

TEST(Heartbeat, NextPing_IsDueOneIntervalAfterThePong) {
  auto machine = make(State::websocket);
  ASSERT_EQ(machine.on_time(at(300)), Action::send_ping);
  EXPECT_EQ(machine.on_packet(packet(PacketType::pong), at(350)), Action::none);
  EXPECT_EQ(machine.next_wake(), at(650));
  EXPECT_EQ(machine.on_time(at(649)), Action::none);
  EXPECT_EQ(machine.on_time(at(650)), Action::send_ping);
}

TEST(Heartbeat, NoPong_EndsTheSessionIntervalPlusTimeoutAfterTheOpening) {
  auto machine = make(State::polling);
  // The ping's timer fired late; the deadline does not move with it.
  ASSERT_EQ(machine.on_time(at(319)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(499)), Action::none);
  EXPECT_EQ(machine.on_time(at(500)), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::ping_timeout);
  EXPECT_EQ(machine.next_wake(), SteadyTime::max());
}

TEST(Heartbeat, NoTimerFiredAtAll_TheSessionIsFoundDeadAllTheSame) {
  auto machine = make(State::polling);
  EXPECT_EQ(machine.on_time(at(500)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(500)), Action::finish);
}

TEST(Heartbeat, ProcessStoodStillBeforeThePing_TheClientGetsTheWholeTimeout) {
  auto machine = make(State::websocket);
  EXPECT_EQ(machine.on_time(at(60'000)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(60'000)), Action::none);
  EXPECT_EQ(machine.on_time(at(60'199)), Action::none);
  EXPECT_EQ(machine.on_time(at(60'200)), Action::finish);
}

TEST(Heartbeat, ProcessStoodStillAfterThePing_TheClientGetsTheWholeTimeout) {
  auto machine = make(State::websocket);
  ASSERT_EQ(machine.on_time(at(300)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(60'000)), Action::none);
  EXPECT_EQ(machine.on_packet(packet(PacketType::pong), at(60'001)), Action::none);
  EXPECT_EQ(machine.next_wake(), at(60'301));
}

TEST(Heartbeat, OtherPacketsInsteadOfThePong_ExtendTheTimeoutOnce) {
  auto machine = make(State::websocket);
  ASSERT_EQ(machine.on_time(at(300)), Action::send_ping);
  EXPECT_EQ(machine.on_packet(packet(PacketType::message), at(450)), Action::deliver);
  EXPECT_EQ(machine.next_wake(), at(650));
  EXPECT_EQ(machine.on_packet(packet(PacketType::message), at(600)), Action::deliver);
  EXPECT_EQ(machine.on_time(at(650)), Action::finish);
}

TEST(Heartbeat, NextRoundAfterAnExtension_CanBeExtendedAgain) {
  auto machine = make(State::websocket);
  ASSERT_EQ(machine.on_time(at(300)), Action::send_ping);
  ASSERT_EQ(machine.on_packet(packet(PacketType::message), at(400)), Action::deliver);
  ASSERT_EQ(machine.on_packet(packet(PacketType::pong), at(410)), Action::none);
  ASSERT_EQ(machine.on_time(at(710)), Action::send_ping);
  ASSERT_EQ(machine.on_packet(packet(PacketType::message), at(800)), Action::deliver);
  EXPECT_EQ(machine.next_wake(), at(1'000));
}

TEST(Heartbeat, MessageWhileNoPongIsDue_MovesNothing) {
  auto machine = make(State::websocket);
  EXPECT_EQ(machine.on_packet(packet(PacketType::message), at(200)), Action::deliver);
  EXPECT_EQ(machine.next_wake(), at(300));
}

TEST(Heartbeat, UnsolicitedPong_IsIgnored) {
  auto machine = make(State::websocket);
  EXPECT_EQ(machine.on_packet(packet(PacketType::pong), at(200)), Action::none);
  EXPECT_EQ(machine.next_wake(), at(300));
}

// --- Packets

TEST(SessionMachine, PacketsOfNoMeaning_AreIgnored) {
  auto machine = make(State::websocket);
  for (const auto type : {PacketType::open, PacketType::upgrade, PacketType::noop}) {
    EXPECT_EQ(machine.on_packet(packet(type), at(1)), Action::none);
  }
  EXPECT_TRUE(machine.is_open());
}

TEST(SessionMachine, PingFromTheClient_EndsTheSession) {
  for (const auto first : {State::polling, State::websocket}) {
    auto machine = make(first);
    EXPECT_EQ(machine.on_packet(packet(PacketType::ping, "probe"), at(1)), Action::finish);
    EXPECT_EQ(machine.reason(), CloseReason::transport_error);
    EXPECT_FALSE(machine.is_closed_by_packet());
  }
}

TEST(SessionMachine, CloseFromTheClient_EndsTheSessionAsItsWish) {
  auto machine = make(State::polling);
  EXPECT_EQ(machine.on_packet(packet(PacketType::close), at(1)), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::transport_close);
  EXPECT_TRUE(machine.is_closed_by_packet());
}

TEST(SessionMachine, AfterTheEnd_NothingHappens) {
  auto machine = make(State::polling);
  ASSERT_EQ(machine.on_failure(CloseReason::parse_error), Action::finish);
  EXPECT_EQ(machine.on_failure(CloseReason::transport_close), Action::none);
  EXPECT_EQ(machine.on_packet(packet(PacketType::message), at(1)), Action::none);
  EXPECT_EQ(machine.on_close_request(CloseReason::forced_close, at(1)), Action::none);
  EXPECT_EQ(machine.on_time(at(10'000)), Action::none);
  EXPECT_FALSE(machine.on_probe_opened(at(1)));
  EXPECT_EQ(machine.reason(), CloseReason::parse_error);
}

// --- Closing

TEST(CloseRequest, OnAWebSocket_EndsAtOnce) {
  auto machine = make(State::websocket);
  EXPECT_EQ(machine.on_close_request(CloseReason::server_shutdown, at(1)), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::server_shutdown);
}

TEST(CloseRequest, WhileAPollIsParked_EndsAtOnce) {
  auto machine = make(State::polling);
  ASSERT_EQ(machine.on_poll(), Action::none);
  EXPECT_EQ(machine.on_close_request(CloseReason::forced_close, at(1)), Action::finish);
}

TEST(CloseRequest, BetweenTwoPolls_WaitsForTheNext) {
  auto machine = make(State::polling);
  EXPECT_EQ(machine.on_close_request(CloseReason::forced_close, at(1)), Action::linger);
  EXPECT_FALSE(machine.is_open());
  EXPECT_EQ(machine.on_packet(packet(PacketType::message), at(2)), Action::none);
  EXPECT_EQ(machine.on_poll(), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::forced_close);
}

TEST(CloseRequest, WithoutAnotherPoll_EndsAfterTwoSeconds) {
  auto machine = make(State::polling);
  ASSERT_EQ(machine.on_close_request(CloseReason::forced_close, at(1)), Action::linger);
  EXPECT_EQ(machine.next_wake(), at(2'001));
  EXPECT_EQ(machine.on_time(at(2'000)), Action::none);
  EXPECT_EQ(machine.on_time(at(2'001)), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::forced_close);
}

TEST(CloseRequest, AfterAnAnsweredPoll_WaitsForTheNext) {
  auto machine = make(State::polling);
  ASSERT_EQ(machine.on_poll(), Action::none);
  machine.on_poll_answered();
  EXPECT_EQ(machine.on_close_request(CloseReason::forced_close, at(1)), Action::linger);
}

// --- Upgrade

SessionMachine probing() {
  auto machine = make(State::polling);
  EXPECT_TRUE(machine.on_probe_opened(at(10)));
  return machine;
}

TEST(Upgrade, ProbeThenUpgrade_SwitchesTheTransport) {
  auto machine = probing();
  EXPECT_EQ(machine.on_probe_packet(packet(PacketType::ping, "probe"), at(20)), Action::answer_probe);
  EXPECT_EQ(machine.state(), State::probing);
  EXPECT_EQ(machine.on_probe_packet(packet(PacketType::upgrade), at(30)), Action::switch_transport);
  EXPECT_EQ(machine.state(), State::websocket);
}

TEST(Upgrade, WithoutAProbe_SwitchesAsTheReferenceServerDoes) {
  auto machine = probing();
  EXPECT_EQ(machine.on_probe_packet(packet(PacketType::upgrade), at(20)), Action::switch_transport);
}

TEST(Upgrade, AnythingElseOnTheProbe_DropsItAlone) {
  for (const auto& other : {packet(PacketType::message, "x"), packet(PacketType::ping), packet(PacketType::close),
                            packet(PacketType::pong), packet(PacketType::noop)}) {
    auto machine = probing();
    EXPECT_EQ(machine.on_probe_packet(other, at(20)), Action::drop_probe);
    EXPECT_EQ(machine.state(), State::polling);
    EXPECT_TRUE(machine.on_probe_opened(at(30)));
  }
}

TEST(Upgrade, SecondWebSocket_IsRefused) {
  auto machine = probing();
  EXPECT_FALSE(machine.on_probe_opened(at(20)));
  ASSERT_EQ(machine.on_probe_packet(packet(PacketType::upgrade), at(20)), Action::switch_transport);
  EXPECT_FALSE(machine.on_probe_opened(at(30)));
}

TEST(Upgrade, NotFinishedInTime_DropsTheProbe) {
  auto machine = probing();
  ASSERT_EQ(machine.on_time(at(300)), Action::send_ping);
  ASSERT_EQ(machine.on_packet(packet(PacketType::pong), at(310)), Action::none);
  ASSERT_EQ(machine.on_time(at(610)), Action::send_ping);
  ASSERT_EQ(machine.on_packet(packet(PacketType::pong), at(800)), Action::none);
  EXPECT_EQ(machine.next_wake(), at(1'010));
  EXPECT_EQ(machine.on_time(at(1'010)), Action::drop_probe);
  EXPECT_EQ(machine.state(), State::polling);
}

TEST(Upgrade, PollParkedWhenTheProbeIsAnswered_ReturnsAtOnce) {
  auto machine = probing();
  ASSERT_EQ(machine.on_poll(), Action::none);
  EXPECT_EQ(machine.on_time(at(15)), Action::none);
  ASSERT_EQ(machine.on_probe_packet(packet(PacketType::ping, "probe"), at(20)), Action::answer_probe);
  EXPECT_EQ(machine.on_time(at(20)), Action::send_noop);
}

TEST(Upgrade, FurtherPolls_ReturnAfterAHundredMilliseconds) {
  auto machine = probing();
  ASSERT_EQ(machine.on_poll(), Action::none);
  ASSERT_EQ(machine.on_probe_packet(packet(PacketType::ping, "probe"), at(20)), Action::answer_probe);
  ASSERT_EQ(machine.on_time(at(20)), Action::send_noop);
  machine.on_poll_answered();
  EXPECT_EQ(machine.next_wake(), at(300));
  ASSERT_EQ(machine.on_poll(), Action::none);
  EXPECT_EQ(machine.next_wake(), at(120));
  EXPECT_EQ(machine.on_time(at(119)), Action::none);
  EXPECT_EQ(machine.on_time(at(120)), Action::send_noop);
}

TEST(Upgrade, PingsAndTheirTimeout_GoOnWhileProbing) {
  auto machine = probing();
  EXPECT_EQ(machine.on_time(at(300)), Action::send_ping);
  EXPECT_EQ(machine.on_time(at(500)), Action::finish);
  EXPECT_EQ(machine.reason(), CloseReason::ping_timeout);
}

TEST(Upgrade, CloseRequestWhileProbing_LingersAndFollowsTheClientThatMoves) {
  auto machine = probing();
  EXPECT_EQ(machine.on_close_request(CloseReason::forced_close, at(20)), Action::linger);
  EXPECT_EQ(machine.on_probe_packet(packet(PacketType::upgrade), at(30)), Action::switch_and_finish);
}

}  // namespace
}  // namespace engineio
