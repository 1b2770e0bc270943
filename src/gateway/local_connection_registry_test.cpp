#include "gateway/local_connection_registry.hpp"

#include <gtest/gtest.h>

#include "gateway/fakes.hpp"

namespace gateway {
namespace {

using testing::user_id;

TEST(LocalConnectionRegistry, registers_up_to_the_maximum_of_each_user) {
  LocalConnectionRegistry registry;
  EXPECT_TRUE(registry.register_connection(user_id("alice"), "a", 2));
  EXPECT_TRUE(registry.register_connection(user_id("alice"), "b", 2));
  EXPECT_FALSE(registry.register_connection(user_id("alice"), "c", 2));
  EXPECT_TRUE(registry.register_connection(user_id("bob"), "d", 2));
}

TEST(LocalConnectionRegistry, place_of_a_socket_that_left_is_free_again) {
  LocalConnectionRegistry registry;
  ASSERT_TRUE(registry.register_connection(user_id("alice"), "a", 1));
  ASSERT_FALSE(registry.register_connection(user_id("alice"), "b", 1));
  EXPECT_TRUE(registry.unregister_connection(user_id("alice"), "a"));
  EXPECT_TRUE(registry.register_connection(user_id("alice"), "b", 1));
}

TEST(LocalConnectionRegistry, last_socket_of_a_user_is_told) {
  LocalConnectionRegistry registry;
  ASSERT_TRUE(registry.register_connection(user_id("alice"), "a", 9));
  ASSERT_TRUE(registry.register_connection(user_id("alice"), "b", 9));
  EXPECT_FALSE(registry.unregister_connection(user_id("alice"), "a"));
  EXPECT_TRUE(registry.unregister_connection(user_id("alice"), "b"));
}

}  // namespace
}  // namespace gateway
