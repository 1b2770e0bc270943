// W3C Trace Context (https://www.w3.org/TR/trace-context/, level 1): which request something is done for. Taken over
// from the handshake's or the call's `traceparent`, else made here; its trace id is the request id of log lines, and it
// goes along to other nodes and services. A value; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};
  // The span that this one was caused by is not kept: nothing here exports spans.
  std::array<std::uint8_t, 8> span_id{};
  bool is_sampled = false;

  // A new span: in the trace that `traceparent` names or, where it names none (empty, malformed, version ff, zero ids),
  // in a new one.
  [[nodiscard]] static TraceContext from(std::string_view traceparent);

  [[nodiscard]] bool is_set() const noexcept { return trace_id != std::array<std::uint8_t, 16>{}; }
  // "00-<trace id>-<span id>-<flags>", 55 characters; empty where it is not set.
  [[nodiscard]] std::string to_traceparent() const;
  // The trace id, 32 hexadecimal digits; empty where it is not set.
  [[nodiscard]] std::string request_id() const;

  bool operator==(const TraceContext&) const = default;
};

}  // namespace base
