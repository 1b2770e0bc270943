// What /metrics shows: a closed list, so that every figure has one name, one help text and one place that counts it.
// Counting is a relaxed add to a slot of the calling thread; the slots are added up when someone scrapes. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace base::metrics {

enum class Counter : std::uint8_t {
  connections_accepted,
  connections_refused,  // CONNECT_ERROR sent
  sessions_opened,
  sessions_closed,
  messages_stored,
  messages_duplicate,  // answered from the idempotency key
  messages_refused,
  events_delivered,   // durable events written to a socket
  events_replayed,    // of those, read from the tables for a socket that was behind
  sequencer_repairs,  // reads of the tables because of a gap in a user's positions
  head_comparisons,   // users whose head was compared with the tables
  heads_behind,       // of those, the ones that something had not reached
  events_published,   // durable events sent to the other nodes
  events_relayed,     // events that came from other members of the cluster
  typing_relayed,
  batches_committed,
  batch_rows,
  commit_failures,
  guard_allowed,
  guard_denied,
  guard_unavailable,
  decision_cache_hits,  // decided by what this node knew
  decision_store_hits,  // by what another node was told
  decisions_asked,      // by the Connections service, just now
  decisions_kept,       // by an older answer, because the service was away
  rate_limited,
  slow_consumers_closed,
  volatile_dropped,
  malformed_input,  // frames, packets, payloads that ended their connection
  http_requests,
  rpc_calls,
  redis_commands_failed,  // without a reply, or refused by Redis where nobody waited
  redis_publishes_lost,
  redis_reconnects,
  connections_calls,     // IsConnected, made over gRPC
  connections_failures,  // of those, ended without an answer
  connection_changes,
  connection_changes_malformed,
};
enum class Gauge : std::uint8_t {
  connections,
  sessions,
  users_connected,
  queued_bytes,
  http_connections,
  connections_breaker_state
};
enum class Histogram : std::uint8_t {
  commit_seconds,
  ack_seconds,
  delivery_seconds,
  backplane_seconds,
  decision_age_seconds,
  batch_size,
};

void add(Counter counter, std::uint64_t by = 1) noexcept;
void add(Gauge gauge, std::int64_t by) noexcept;
// Seconds for the *_seconds histograms, rows for batch_size.
void observe(Histogram histogram, double value) noexcept;

// One scrape's worth, for whoever writes the exposition format.
struct Sample {
  std::string_view name;  // messaging_…, by the rules of Prometheus
  std::string_view help;
  enum class Kind : std::uint8_t { counter, gauge, histogram } kind;
  double value = 0;                      // counter, gauge; the sum of a histogram
  std::uint64_t count = 0;               // histogram
  std::span<const double> bounds{};      // histogram: upper bounds of the buckets
  std::vector<std::uint64_t> buckets{};  // histogram: cumulative, one for each bound
};
[[nodiscard]] std::vector<Sample> collect();

}  // namespace base::metrics
