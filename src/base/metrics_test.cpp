#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>

namespace base::metrics {
namespace {

Sample sample(std::string_view name) {
  const auto samples = collect();
  const auto found = std::ranges::find(samples, name, &Sample::name);
  return found == samples.end() ? Sample{} : *found;
}

TEST(Metrics, CountsOfSeveralThreads_AreAddedUpAndOutliveThem) {
  const double before = sample("messaging_rpc_calls_total").value;
  add(Counter::rpc_calls);
  std::thread([] { add(Counter::rpc_calls, 4); }).join();
  EXPECT_EQ(sample("messaging_rpc_calls_total").value, before + 5);
}

TEST(Metrics, AGauge_GoesDownAgainFromAnotherThread) {
  const double before = sample("messaging_sessions").value;
  add(Gauge::sessions, 2);
  std::thread([] { add(Gauge::sessions, -2); }).join();
  EXPECT_EQ(sample("messaging_sessions").value, before);
}

TEST(Metrics, AHistogram_HasCumulativeBucketsAndCountsWhatIsBeyondThem) {
  observe(Histogram::commit_seconds, 0.0001);
  observe(Histogram::commit_seconds, 0.002);
  observe(Histogram::commit_seconds, 100);
  const auto commit = sample("messaging_commit_seconds");
  EXPECT_EQ(commit.count, 3u);
  EXPECT_EQ(commit.buckets.front(), 1u);
  EXPECT_EQ(commit.buckets[3], 2u);
  EXPECT_EQ(commit.buckets.back(), 2u);
}

TEST(Metrics, EveryName_IsThereOnceWithAHelpText) {
  std::set<std::string_view> names;
  for (const auto& each : collect()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_TRUE(each.name.starts_with("messaging_")) << each.name;
    EXPECT_FALSE(each.help.empty()) << each.name;
  }
}

}  // namespace
}  // namespace base::metrics
