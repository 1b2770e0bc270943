#include "gateway/recovery.hpp"

#include <gtest/gtest.h>

#include "gateway/fakes.hpp"

namespace gateway {
namespace {

using Kind = Resumption::Kind;
using testing::user_id;

class RecoveryTest : public ::testing::Test {
 protected:
  [[nodiscard]] Resumption read(const ConnectAuth& auth) const { return read_resumption(tokens, alice, auth); }

  messaging::UserId alice = user_id("alice");
  messaging::UserId bob = user_id("bob");
  messaging::OpaqueTokens tokens{{.epoch = 1, .key = {7}}};
  messaging::OpaqueTokens tokens_after_restore{{.epoch = 2, .key = {7}}};
  std::string pid = tokens.new_pid(alice);
  std::string offset = tokens.offset(alice, 12);
};

TEST_F(RecoveryTest, first_connect_begins_at_the_head) {
  EXPECT_EQ(read({}).kind, Kind::from_head);
  EXPECT_EQ(starting_point({}, 40).position, 40);
}

TEST_F(RecoveryTest, pid_with_offset_goes_on_from_there_with_the_same_pid) {
  const auto resumption = read({.pid = pid, .offset = offset});
  EXPECT_EQ(resumption.kind, Kind::from_position);
  EXPECT_EQ(resumption.position, 12);
  EXPECT_EQ(resumption.pid, pid);
}

TEST_F(RecoveryTest, since_beside_a_pid_with_offset_is_ignored) {
  EXPECT_EQ(read({.pid = pid, .offset = offset, .since = tokens.offset(alice, 3)}).position, 12);
}

TEST_F(RecoveryTest, since_without_pid_goes_on_from_there_with_a_new_pid) {
  const auto resumption = read({.since = offset});
  EXPECT_EQ(resumption.position, 12);
  EXPECT_EQ(resumption.pid, "");
}

TEST_F(RecoveryTest, pid_without_offset_is_a_first_connect) {
  const auto resumption = read({.pid = pid});
  EXPECT_EQ(resumption.kind, Kind::from_head);
  EXPECT_EQ(resumption.pid, "");
}

TEST_F(RecoveryTest, pid_of_another_user_is_a_first_connect_also_with_an_own_offset) {
  const auto resumption = read({.pid = tokens.new_pid(bob), .offset = offset});
  EXPECT_EQ(resumption.kind, Kind::from_head);
  EXPECT_EQ(resumption.pid, "");
}

TEST_F(RecoveryTest, offset_of_another_user_is_unreadable) {
  EXPECT_EQ(read({.pid = pid, .offset = tokens.offset(bob, 12)}).kind, Kind::unreadable);
  EXPECT_EQ(read({.since = tokens.offset(bob, 12)}).kind, Kind::unreadable);
}

TEST_F(RecoveryTest, pid_and_offset_from_before_a_restore_require_a_resync) {
  const auto resumption = read_resumption(tokens_after_restore, alice, {.pid = pid, .offset = offset});
  EXPECT_EQ(resumption.kind, Kind::unreadable);
  const auto start = starting_point(resumption, 40);
  EXPECT_TRUE(start.resync_required);
  EXPECT_EQ(start.position, 40);
}

TEST_F(RecoveryTest, offset_above_the_head_requires_a_resync) {
  EXPECT_TRUE(starting_point(read({.pid = pid, .offset = offset}), 11).resync_required);
  EXPECT_FALSE(starting_point(read({.pid = pid, .offset = offset}), 12).resync_required);
}

TEST_F(RecoveryTest, offset_more_than_10000_positions_back_requires_a_resync) {
  EXPECT_FALSE(starting_point(read({.since = offset}), 10'012).resync_required);
  const auto start = starting_point(read({.since = offset}), 10'013);
  EXPECT_TRUE(start.resync_required);
  EXPECT_EQ(start.position, 10'013);
}

}  // namespace
}  // namespace gateway
