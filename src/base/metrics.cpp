#include "base/metrics.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace base::metrics {
namespace {

struct Name {
  std::string_view name;
  std::string_view help;
};

constexpr auto counter_names = std::to_array<Name>({
    {"messaging_connections_accepted_total", "Socket.IO connections accepted"},
    {"messaging_connections_refused_total", "Socket.IO connections answered with CONNECT_ERROR"},
    {"messaging_sessions_opened_total", "Engine.IO sessions opened"},
    {"messaging_sessions_closed_total", "Engine.IO sessions closed"},
    {"messaging_messages_stored_total", "Messages committed"},
    {"messaging_messages_duplicate_total", "Sends answered from their clientMessageId"},
    {"messaging_messages_refused_total", "Sends refused"},
    {"messaging_events_delivered_total", "Durable events written to sockets"},
    {"messaging_events_replayed_total", "Durable events read from the tables for sockets that were behind"},
    {"messaging_sequencer_repairs_total", "Reads of the tables because of a gap in a user's positions"},
    {"messaging_head_comparisons_total", "Users whose position was compared with the tables"},
    {"messaging_heads_behind_total", "Of those, the users that something had not reached"},
    {"messaging_events_published_total", "Durable events sent to the other members of the cluster"},
    {"messaging_events_relayed_total", "Events that came from other members of the cluster"},
    {"messaging_typing_relayed_total", "Typing events relayed"},
    {"messaging_batches_committed_total", "Write batches committed"},
    {"messaging_batch_rows_total", "Operations in committed batches"},
    {"messaging_commit_failures_total", "Write batches that failed"},
    {"messaging_guard_allowed_total", "Guard decisions: allowed"},
    {"messaging_guard_denied_total", "Guard decisions: denied"},
    {"messaging_guard_unavailable_total", "Guard decisions: not to be had"},
    {"messaging_decision_cache_hits_total", "Guard decisions taken from the in-process cache"},
    {"messaging_decision_store_hits_total", "Guard decisions taken from what another node was told"},
    {"messaging_decisions_asked_total", "Guard decisions that the Connections service just made"},
    {"messaging_decisions_kept_total", "Guard decisions by an older answer, because the Connections service was away"},
    {"messaging_rate_limited_total", "Requests refused by a rate limit"},
    {"messaging_slow_consumers_closed_total", "Connections closed because they did not read"},
    {"messaging_volatile_dropped_total", "Volatile events dropped because the receiver was behind"},
    {"messaging_malformed_input_total", "Connections ended because of malformed input"},
    {"messaging_http_requests_total", "HTTP requests"},
    {"messaging_rpc_calls_total", "gRPC calls"},
    {"messaging_redis_commands_failed_total", "Commands to Redis that failed"},
    {"messaging_redis_publishes_lost_total", "Messages lost on the way to Redis"},
    {"messaging_redis_reconnects_total", "Links to Redis that came up again"},
    {"messaging_connections_calls_total", "Calls of the Connections service"},
    {"messaging_connections_failures_total", "Calls of the Connections service that ended without an answer"},
    {"messaging_connection_changes_total", "Changes heard on the channel connections:changed"},
    {"messaging_connection_changes_malformed_total", "Messages on the channel connections:changed that are no change"},
});
constexpr auto gauge_names = std::to_array<Name>({
    {"messaging_connections", "Socket.IO connections now"},
    {"messaging_sessions", "Engine.IO sessions now"},
    {"messaging_users_connected", "Users with a connection on this node"},
    {"messaging_queued_bytes", "Bytes that wait to be written to sockets"},
    {"messaging_http_connections", "TCP connections of the public port now"},
    {"messaging_connections_breaker_state",
     "Circuit breaker of the Connections service: 0 closed, 1 half open, 2 open"},
});
constexpr auto histogram_names = std::to_array<Name>({
    {"messaging_commit_seconds", "Time of a batch from its first statement to its commit"},
    {"messaging_ack_seconds", "Time from a sendMessage packet to its ack"},
    {"messaging_delivery_seconds", "Time from a message's commit to the sockets of this node"},
    {"messaging_backplane_seconds", "Time of a message of this node through Redis and back"},
    {"messaging_decision_age_seconds", "Age of the decisions that the guard used"},
    {"messaging_batch_size", "Operations in a batch"},
});
static_assert(counter_names.size() == static_cast<std::size_t>(Counter::connection_changes_malformed) + 1);
static_assert(gauge_names.size() == static_cast<std::size_t>(Gauge::connections_breaker_state) + 1);
static_assert(histogram_names.size() == static_cast<std::size_t>(Histogram::batch_size) + 1);

constexpr std::size_t bounds_count = 12;
constexpr std::array<double, bounds_count> seconds_bounds{.00025, .0005, .001, .002, .005, .01,
                                                          .025,   .05,   .1,   .25,  1,    5};
// Decisions live for seconds: 30, or 120 while the service is away.
constexpr std::array<double, bounds_count> age_bounds{.1, .5, 1, 2, 5, 10, 15, 20, 30, 60, 90, 120};
constexpr std::array<double, bounds_count> size_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 750, 1000};

constexpr const std::array<double, bounds_count>& bounds_of(Histogram histogram) {
  if (histogram == Histogram::batch_size) return size_bounds;
  return histogram == Histogram::decision_age_seconds ? age_bounds : seconds_bounds;
}

template <class T>
using Slots = std::atomic<T>;

// One thread's figures: written by that thread alone, read by the scrape.
struct Shard {
  std::array<Slots<std::uint64_t>, counter_names.size()> counters{};
  std::array<Slots<std::int64_t>, gauge_names.size()> gauges{};
  struct HistogramShard {
    std::array<Slots<std::uint64_t>, bounds_count + 1> buckets{};
    Slots<double> sum{0};
  };
  std::array<HistogramShard, histogram_names.size()> histograms{};
};

// Shards outlive their threads, so that totals never run back.
struct Registry {
  std::mutex mutex;
  std::vector<std::unique_ptr<Shard>> shards;
};
Registry& registry() {
  static Registry instance;
  return instance;
}
Shard& shard() {
  thread_local Shard* mine = [] {
    auto owned = std::make_unique<Shard>();
    auto* raw = owned.get();
    const std::lock_guard lock(registry().mutex);
    registry().shards.push_back(std::move(owned));
    return raw;
  }();
  return *mine;
}

template <class T>
void bump(Slots<T>& slot, T by) noexcept {
  // Only this thread writes the slot: no read-modify-write is needed.
  slot.store(slot.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

void add(Counter counter, std::uint64_t by) noexcept {
  bump(shard().counters[static_cast<std::size_t>(counter)], by);
}

void add(Gauge gauge, std::int64_t by) noexcept {
  bump(shard().gauges[static_cast<std::size_t>(gauge)], by);
}

void observe(Histogram histogram, double value) noexcept {
  auto& slot = shard().histograms[static_cast<std::size_t>(histogram)];
  const auto& bounds = bounds_of(histogram);
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
  bump(slot.buckets[bucket], std::uint64_t{1});
  bump(slot.sum, value);
}

std::vector<Sample> collect() {
  std::vector<Sample> samples;
  const std::lock_guard lock(registry().mutex);
  const auto total = [](auto&& slot_of) {
    double sum = 0;
    for (const auto& each : registry().shards)
      sum += static_cast<double>(slot_of(*each).load(std::memory_order_relaxed));
    return sum;
  };
  for (std::size_t i = 0; i < counter_names.size(); ++i) {
    samples.push_back({counter_names[i].name, counter_names[i].help, Sample::Kind::counter,
                       total([i](const Shard& s) -> auto& { return s.counters[i]; })});
  }
  for (std::size_t i = 0; i < gauge_names.size(); ++i) {
    samples.push_back({gauge_names[i].name, gauge_names[i].help, Sample::Kind::gauge,
                       total([i](const Shard& s) -> auto& { return s.gauges[i]; })});
  }
  for (std::size_t i = 0; i < histogram_names.size(); ++i) {
    Sample sample{histogram_names[i].name, histogram_names[i].help, Sample::Kind::histogram};
    sample.value = total([i](const Shard& s) -> auto& { return s.histograms[i].sum; });
    sample.bounds = bounds_of(static_cast<Histogram>(i));
    for (std::size_t bucket = 0; bucket <= bounds_count; ++bucket) {
      sample.count += static_cast<std::uint64_t>(
          total([i, bucket](const Shard& s) -> auto& { return s.histograms[i].buckets[bucket]; }));
      if (bucket < bounds_count) sample.buckets.push_back(sample.count);
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace base::metrics
