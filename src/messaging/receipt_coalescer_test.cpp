#include "messaging/receipt_coalescer.hpp"

#include <gtest/gtest.h>

#include "messaging/test_world.hpp"

namespace messaging {
namespace {

using base::milliseconds;
using test::alice;
using test::alice_and_bob;
using test::bob;
using test::conversation;

class ReceiptCoalescerTest : public testing::Test {
 protected:
  ReceiptCoalescerTest() { world_.tables.add_conversation(conversation, alice_and_bob); }
  ~ReceiptCoalescerTest() override {
    bool stopped = false;
    world_.executor.enter([&] { receipts_.stop([&] { stopped = true; }); });
    world_.executor.advance(base::seconds(1));
    other_.advance(base::seconds(1));
    EXPECT_TRUE(stopped);
  }

  static Receipt receipt(Seq delivered, Seq read, DeviceId device = "phone", UserId reader = bob) {
    return {{conversation, alice_and_bob, true}, std::move(reader), {delivered, read}, std::move(device)};
  }
  auto start(Receipt receipt) {
    return world_.start([&] { return receipts_.advance(std::move(receipt)); });
  }
  int writes() { return world_.tables.calls["advance_watermarks"]; }

  test::World world_;
  base::ManualExecutor other_{world_.clock};
  ReceiptCoalescer receipts_{world_.clock, world_.tables, world_.notifier};
};

TEST_F(ReceiptCoalescerTest, the_first_receipt_is_written_at_once_and_answered_after_its_commit) {
  world_.tables.hold("advance_watermarks");
  const auto first = start(receipt(3, 0));
  world_.executor.run();
  EXPECT_EQ(writes(), 1);
  EXPECT_FALSE(*first);
  world_.tables.release("advance_watermarks");
  world_.executor.run();
  ASSERT_TRUE(*first);
  EXPECT_EQ((*first)->value(), (Watermarks{3, 0}));
}

TEST_F(ReceiptCoalescerTest, receipts_within_the_quiet_time_become_one_write_with_the_highest) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  const auto second = start(receipt(2, 0));
  const auto third = start(receipt(5, 5));
  const auto fourth = start(receipt(4, 0));
  world_.executor.advance(ReceiptCoalescer::quiet_time - milliseconds(1));
  EXPECT_EQ(writes(), 1);
  EXPECT_FALSE(*second);
  world_.executor.advance(milliseconds(1));
  EXPECT_EQ(writes(), 2);
  for (const auto& each : {second, third, fourth}) {
    ASSERT_TRUE(*each);
    EXPECT_EQ((*each)->value(), (Watermarks{5, 5}));
  }
}

TEST_F(ReceiptCoalescerTest, receipts_that_come_during_a_write_wait_for_the_next_one) {
  world_.tables.hold("advance_watermarks");
  const auto first = start(receipt(1, 0));
  const auto second = start(receipt(2, 0));
  world_.executor.run();
  world_.tables.release("advance_watermarks");
  world_.executor.run();
  EXPECT_TRUE(*first);
  EXPECT_FALSE(*second);
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ((*second)->value(), (Watermarks{2, 0}));
}

TEST_F(ReceiptCoalescerTest, after_a_quiet_time_without_receipts_the_next_one_goes_at_once) {
  (void)start(receipt(1, 0));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  const auto next = start(receipt(2, 0));
  world_.executor.run();
  EXPECT_TRUE(*next);
}

TEST_F(ReceiptCoalescerTest, many_receipts_over_two_seconds_cost_a_write_each_quiet_time) {
  std::vector<test::Outcome<Result<Watermarks>>> outcomes;
  for (Seq seq = 1; seq <= 200; ++seq) {
    outcomes.push_back(start(receipt(seq, seq)));
    world_.executor.advance(milliseconds(10));
  }
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_LE(writes(), 9);
  EXPECT_GE(writes(), 8);
  for (Seq seq = 1; seq <= 200; ++seq) {
    const auto& outcome = *outcomes[static_cast<std::size_t>(seq - 1)];
    ASSERT_TRUE(outcome);
    EXPECT_GE(outcome->value().read_seq, seq);
  }
}

TEST_F(ReceiptCoalescerTest, what_the_last_commit_covers_is_answered_without_a_write) {
  (void)start(receipt(5, 5));
  world_.executor.run();
  const auto covered = start(receipt(4, 3));
  ASSERT_TRUE(*covered);
  EXPECT_EQ((*covered)->value(), (Watermarks{5, 5}));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ(writes(), 1);
}

TEST_F(ReceiptCoalescerTest, a_write_that_moved_is_published_once_to_both_without_the_device_that_knows) {
  (void)start(receipt(3, 3));
  world_.executor.run();
  ASSERT_EQ(world_.notifier.published.size(), 2U);
  const auto to_peer = world_.notifier.of<StatusMoved>(alice);
  const auto to_reader = world_.notifier.of<StatusMoved>(bob);
  ASSERT_EQ(to_peer.size(), 1U);
  ASSERT_EQ(to_reader.size(), 1U);
  EXPECT_EQ(to_peer[0].except, "");
  EXPECT_EQ(to_reader[0].except, "phone");
  EXPECT_EQ(to_peer[0].position, 1);
  EXPECT_EQ(std::get<StatusMoved>(*to_peer[0].event), (StatusMoved{conversation, bob, {3, 3}}));
}

TEST_F(ReceiptCoalescerTest, a_receipt_that_moved_nothing_is_not_published) {
  (void)start(receipt(3, 3));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  const auto again = start(receipt(2, 1));
  world_.executor.run();
  EXPECT_EQ((*again)->value(), (Watermarks{3, 3}));
  EXPECT_EQ(writes(), 2);
  EXPECT_EQ(world_.notifier.published.size(), 2U);
}

TEST_F(ReceiptCoalescerTest, merged_receipts_of_one_device_still_spare_it) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  (void)start(receipt(2, 0));
  (void)start(receipt(3, 0));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ(world_.notifier.of<StatusMoved>(bob).back().except, "phone");
}

TEST_F(ReceiptCoalescerTest, merged_receipts_of_two_devices_are_told_to_both) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  (void)start(receipt(2, 0, "phone"));
  (void)start(receipt(3, 0, "tablet"));
  (void)start(receipt(4, 0, "phone"));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ(world_.notifier.of<StatusMoved>(bob).back().except, "");
}

TEST_F(ReceiptCoalescerTest, both_readers_of_a_conversation_write_without_waiting_for_each_other) {
  const auto of_bob = start(receipt(1, 0, "phone", bob));
  const auto of_alice = start(receipt(1, 0, "laptop", alice));
  world_.executor.run();
  EXPECT_TRUE(*of_bob);
  EXPECT_TRUE(*of_alice);
}

TEST_F(ReceiptCoalescerTest, a_failed_write_fails_all_it_carried_and_the_next_one_tries_anew) {
  world_.tables.failures["advance_watermarks"] = base::Errc::storage_unavailable;
  const auto failed = start(receipt(4, 0));
  world_.executor.run();
  ASSERT_TRUE(*failed);
  EXPECT_EQ((*failed)->error().code, base::Errc::storage_unavailable);
  world_.tables.failures.clear();
  const auto again = start(receipt(4, 0));
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ((*again)->value(), (Watermarks{4, 0}));
}

TEST_F(ReceiptCoalescerTest, a_caller_on_another_thread_is_resumed_there) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  const auto elsewhere = world_.start_on(other_, [&] { return receipts_.advance(receipt(2, 0)); });
  world_.executor.advance(ReceiptCoalescer::quiet_time);
  EXPECT_EQ(writes(), 2);
  EXPECT_FALSE(*elsewhere);
  other_.run();
  EXPECT_TRUE(*elsewhere);
}

TEST_F(ReceiptCoalescerTest, beyond_its_bound_of_waiting_callers_a_receipt_is_overloaded) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  const int bound = static_cast<int>(ReceiptCoalescer::waiters_max_per_reader);
  for (int i = 0; i < bound; ++i) (void)start(receipt(2, 0));
  const auto beyond = start(receipt(2, 0));
  ASSERT_TRUE(*beyond);
  EXPECT_EQ((*beyond)->error().code, base::Errc::overloaded);
}

TEST_F(ReceiptCoalescerTest, stop_answers_what_waits_and_refuses_what_comes) {
  (void)start(receipt(1, 0));
  world_.executor.run();
  const auto waiting = start(receipt(2, 0));
  bool stopped = false;
  world_.executor.enter([&] { receipts_.stop([&] { stopped = true; }); });
  const auto late = start(receipt(3, 0));
  EXPECT_EQ((*late)->error().code, base::Errc::server_draining);
  EXPECT_FALSE(stopped);
  world_.executor.advance(2 * ReceiptCoalescer::quiet_time);
  EXPECT_EQ((*waiting)->value(), (Watermarks{2, 0}));
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace messaging
