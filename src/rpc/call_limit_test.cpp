#include "rpc/call_limit.hpp"

#include <gtest/gtest.h>

namespace rpc {
namespace {

TEST(CallLimit, gives_as_many_places_as_it_has) {
  CallLimit limit(2);
  const auto first = limit.try_take();
  const auto second = limit.try_take();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(limit.try_take());
}

TEST(CallLimit, a_place_is_free_again_when_its_slot_goes_and_a_refusal_takes_none) {
  CallLimit limit(1);
  {
    const auto slot = limit.try_take();
    EXPECT_FALSE(limit.try_take());
    EXPECT_FALSE(limit.try_take());
  }
  EXPECT_TRUE(limit.try_take());
}

TEST(CallLimit, a_moved_slot_is_one_place) {
  CallLimit limit(1);
  auto slot = limit.try_take();
  ASSERT_TRUE(slot);
  {
    const CallLimit::Slot moved = *std::move(slot);
    EXPECT_FALSE(limit.try_take());
  }
  EXPECT_TRUE(limit.try_take());
}

}  // namespace
}  // namespace rpc
