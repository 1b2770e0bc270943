#include "redis/connection_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_executor.hpp"
#include "redis/fake_bus.hpp"

namespace redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Changes : public testing::Test {
 protected:
  void start() {
    bus.start();
    executor.run();
  }
  void receive(const std::string& payload, const std::string& on = "connections:changed") {
    bus.receive(on, payload);
    executor.run();
  }

  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeBus bus{executor};
  std::vector<std::string> changes;
  int missed = 0;
  ConnectionChanges listener{
      bus,
      [this](const messaging::UserPair& pair, bool connected) {
        changes.push_back(pair.low().str() + " " + pair.high().str() + (connected ? " +" : " -"));
      },
      [this] { ++missed; }};
};

TEST_F(Changes, what_others_publish_is_applied) {
  start();
  receive(R"({"userId":"bob","otherUserId":"alice","connected":false})");
  receive(R"({"connected":true,"otherUserId":"bob","extra":[1],"userId":"al\u0069ce"})");
  EXPECT_THAT(changes, ElementsAre("alice bob -", "alice bob +"));
}

TEST_F(Changes, what_is_malformed_is_left_alone) {
  start();
  for (const auto* payload : {
           "",
           "x",
           "null",
           "[]",
           R"({})",
           R"({"userId":"alice","otherUserId":"bob"})",
           R"({"userId":"alice","connected":true})",
           R"({"userId":"alice","otherUserId":"alice","connected":true})",
           R"({"userId":"alice","otherUserId":"bob","connected":1})",
           R"({"userId":"alice","otherUserId":"bob","connected":"true"})",
           R"({"userId":"al ice","otherUserId":"bob","connected":true})",
           R"({"userId":1,"otherUserId":"bob","connected":true})",
           R"({"userId":"","otherUserId":"bob","connected":true})",
           R"({"userId":"alice","otherUserId":"bob","connected":true)",
           R"({"userId":"alice","otherUserId":"bob","connected":true} x)",
           "{\"userId\":\"al\xFFice\",\"otherUserId\":\"bob\",\"connected\":true}",
       }) {
    receive(payload);
    EXPECT_THAT(changes, IsEmpty()) << payload;
  }
  receive(R"({"userId":"alice","otherUserId":"bob","connected":true,"x":")" + std::string(5'000, 'x') + "\"}");
  receive(std::string(4'000, '['));
  EXPECT_THAT(changes, IsEmpty());
}

TEST_F(Changes, another_channel_with_this_beginning_is_not_heard) {
  start();
  receive(R"({"userId":"bob","otherUserId":"alice","connected":false})", "connections:changed:2");
  EXPECT_THAT(changes, IsEmpty());
}

TEST_F(Changes, each_new_subscription_says_that_changes_may_have_been_missed) {
  start();
  EXPECT_EQ(missed, 0);
  bus.set_link(false);
  executor.run();
  EXPECT_EQ(missed, 0);
  bus.set_link(true);
  executor.run();
  EXPECT_EQ(missed, 1);
}

}  // namespace
}  // namespace redis
