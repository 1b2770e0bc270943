// A circuit breaker as a pure machine: the caller brings the time. One for each target; not synchronised.
//   closed: calls pass. `failures_to_open` failures in a row, or half of at least `window_calls_min` calls of the last
//   window, open it.
//   open: calls are refused at once, until `open_time` has passed.
//   half_open: one call at a time passes; `successes_to_close` good ones close it, a failed one opens it again for
//   twice as long, at most `open_time_max`.
// Only answers that say nothing about the service's health (PERMISSION_DENIED, a yes, a no, a complaint about the one
// question) count as success; UNAVAILABLE, deadlines and the like as failure. Calls have to be shorter than
// `open_time`: their ends are told apart by the state in which they come.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace rpc {

class CircuitBreaker {
 public:
  enum class State : std::uint8_t { closed, half_open, open };
  struct Settings {
    int failures_to_open = 5;
    int window_calls_min = 20;
    base::milliseconds window{10'000};
    base::milliseconds open_time{1'000};
    base::milliseconds open_time_max{10'000};
    int successes_to_close = 2;
  };

  explicit CircuitBreaker(Settings settings) : settings_(settings) {}

  // True: make the call, and tell its end with succeeded() or failed(). False: do not.
  [[nodiscard]] bool try_begin(base::SteadyTime now);
  void succeeded(base::SteadyTime now);
  void failed(base::SteadyTime now);
  // The call ended without an answer about the service (it was cancelled here).
  void abandoned(base::SteadyTime now);

  [[nodiscard]] State state(base::SteadyTime now) const noexcept;

 private:
  // The last window in pieces, so that it moves on instead of being forgotten at once.
  static constexpr int slices_count = 10;
  struct Slice {
    std::int64_t number = -1;
    int calls = 0;
    int failures = 0;
  };

  void count(base::SteadyTime now, bool failed);
  [[nodiscard]] bool half_have_failed(base::SteadyTime now) const;
  [[nodiscard]] std::int64_t slice_number(base::SteadyTime now) const;
  void open(base::SteadyTime now, base::milliseconds time);
  void close();

  Settings settings_;
  // As of the last call of try_begin() and the ends; that an open one has become half open is seen in the time alone.
  State state_ = State::closed;
  // closed
  int failures_in_a_row_ = 0;
  std::array<Slice, slices_count> slices_{};
  // open
  base::SteadyTime opened_at_{};
  base::milliseconds open_time_{0};
  // half_open
  bool trial_under_way_ = false;
  int successes_ = 0;
};

}  // namespace rpc
