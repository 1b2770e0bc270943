#include "messaging/send_order.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <vector>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"

namespace messaging {
namespace {

using testing::ElementsAre;

struct SendOrderTest : testing::Test {
  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  base::TaskGroup tasks;
  SendOrder order;
  std::vector<int> submitted;
  // The waits of those sends that have to wait before they can submit.
  std::optional<base::Completion<bool>> slow;

  static base::Task<> send(SendOrderTest& test, int number, bool is_slow) {
    auto turn = co_await test.order.take_turn();
    if (is_slow) {
      static_cast<void>(
          co_await base::async<bool>([&test](base::Completion<bool> done) { test.slow.emplace(std::move(done)); }));
    }
    turn.give_up();
    test.submitted.push_back(number);
  }
  void start(int number, bool is_slow = false) {
    executor.enter([&] { tasks.spawn(send(*this, number, is_slow)); });
  }
};

TEST_F(SendOrderTest, ASendThatWaits_IsNotOvertaken) {
  start(1);
  start(2, true);
  start(3);
  start(4);
  executor.run();
  EXPECT_THAT(submitted, ElementsAre(1));
  executor.enter([&] { (*slow)(true); });
  // Comes when 3 may go on but has not yet.
  start(5);
  executor.run();
  EXPECT_THAT(submitted, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(SendOrderTest, WithoutWaiting_EachGoesAtOnce) {
  start(1);
  start(2);
  EXPECT_THAT(submitted, ElementsAre(1, 2));
}

}  // namespace
}  // namespace messaging
