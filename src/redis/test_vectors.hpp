// For tests: payloads that Node members of a cluster published, captured from them, with what they mean.
// test_vectors.json holds for each the line that describe() prints and, where this member could have sent it, what it
// was asked to send.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "redis/cluster_protocol.hpp"

namespace redis::testing {

// What encode_event() was asked for.
struct SentEvent {
  std::string json{};
  socketio::BroadcastOptions options{};
};

struct TestVector {
  std::string protocol{};
  std::string step{};
  std::string nsp{};
  BusMessage message{};
  std::string expected{};
  std::string uid{};  // of whoever sent it, where one of these is given
  std::optional<SentEvent> sent{};
  std::optional<ClusterRequest> request{};  // that `answer` answers
  ClusterAnswer answer{};
};
inline void PrintTo(const TestVector& vector, std::ostream* out) {
  *out << vector.step << " on " << vector.message.channel;
}

[[nodiscard]] std::vector<TestVector> load_test_vectors(std::string_view protocol);

// One line: "malformed", "nothing", "event …" or "request …".
[[nodiscard]] std::string describe(const std::optional<ClusterMessage>& message);

[[nodiscard]] std::string unhex(std::string_view digits);
[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace redis::testing
