#include "base/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/task_group.hpp"

namespace base {
namespace {

Task<int> answer() {
  co_return 42;
}

Task<std::string> words(int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += std::to_string(co_await answer());
  co_return all;
}

TEST(Task, NestedTasks_ResumeTheirAwaiters) {
  TaskGroup group;
  std::string result;
  group.spawn([](std::string& out) -> Task<> { out = co_await words(3); }(result));
  EXPECT_EQ(result, "424242");
  EXPECT_EQ(group.size(), 0u);
}

TEST(Task, ALoopOfManyAwaits_DoesNotGrowTheStack) {
  TaskGroup group;
  int sum = 0;
  group.spawn([](int& out) -> Task<> {
    for (int i = 0; i < 200'000; ++i) out += co_await answer();
  }(sum));
  EXPECT_EQ(sum, 42 * 200'000);
}

TEST(Task, ACallback_ResumesTheTaskThatWaitsForIt) {
  TaskGroup group;
  std::optional<Completion<int>> pending;
  int result = 0;
  group.spawn([](auto& slot, int& out) -> Task<> {
    out = co_await async<int>([&slot](Completion<int> done) { slot.emplace(std::move(done)); });
  }(pending, result));
  EXPECT_EQ(result, 0);
  EXPECT_EQ(group.size(), 1u);
  (*pending)(7);
  EXPECT_EQ(result, 7);
  EXPECT_EQ(group.size(), 0u);
}

TEST(Task, ACallbackThatComesAtOnce_IsNotLost) {
  TaskGroup group;
  int result = 0;
  group.spawn([](int& out) -> Task<> { out = co_await async<int>([](Completion<int> done) { done(7); }); }(result));
  EXPECT_EQ(result, 7);
}

TEST(Task, AnException_ReachesTheAwaiter) {
  TaskGroup group;
  std::string caught;
  group.spawn([](std::string& out) -> Task<> {
    auto failing = []() -> Task<int> {
      throw std::runtime_error("no");
      co_return 0;
    }();
    try {
      static_cast<void>(co_await failing);
    } catch (const std::runtime_error& e) {
      out = e.what();
    }
  }(caught));
  EXPECT_EQ(caught, "no");
}

TEST(Task, OneThatIsNeverAwaited_FreesWhatItHolds) {
  auto held = std::make_shared<int>(1);
  {
    [[maybe_unused]] auto task = [](std::shared_ptr<int>) -> Task<> { co_return; }(held);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskGroup, OnIdle_ComesAfterTheLastTaskHasEnded) {
  TaskGroup group;
  std::vector<Completion<int>> pending;
  const auto wait = [](auto& slots) -> Task<> {
    static_cast<void>(co_await async<int>([&slots](Completion<int> done) { slots.push_back(std::move(done)); }));
  };
  group.spawn(wait(pending));
  group.spawn(wait(pending));
  bool idle = false;
  group.on_idle([&idle] { idle = true; });
  pending[0](0);
  EXPECT_FALSE(idle);
  pending[1](0);
  EXPECT_TRUE(idle);
}

TEST(TaskGroup, OnIdleWithoutTasks_ComesAtOnce) {
  TaskGroup group;
  bool idle = false;
  group.on_idle([&idle] { idle = true; });
  EXPECT_TRUE(idle);
}

TEST(TaskGroup, ATaskThatThrows_CountsAsEnded) {
  TaskGroup group;
  group.spawn([]() -> Task<> {
    throw std::runtime_error("bug");
    co_return;
  }());
  EXPECT_EQ(group.size(), 0u);
}

}  // namespace
}  // namespace base
