#include "base/bounded_map.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

TEST(BoundedMap, WhenFull_TheLeastRecentlyUsedMakesRoom) {
  BoundedMap<int, std::string> map(2);
  map.put(1, "one");
  map.put(2, "two");
  ASSERT_TRUE(map.find(1));
  map.put(3, "three");
  EXPECT_TRUE(map.find(1));
  EXPECT_FALSE(map.find(2));
  EXPECT_TRUE(map.find(3));
  EXPECT_EQ(map.size(), 2u);
}

TEST(BoundedMap, PuttingAPresentKey_ReplacesItsValue) {
  BoundedMap<int, std::string> map(2);
  map.put(1, "one");
  map.put(1, "uno");
  EXPECT_EQ(*map.find(1), "uno");
  EXPECT_TRUE(map.erase(1));
  EXPECT_FALSE(map.erase(1));
  EXPECT_EQ(map.size(), 0u);
}

}  // namespace
}  // namespace base
