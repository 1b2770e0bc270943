#include "rpc/circuit_breaker.hpp"

#include <algorithm>
#include <utility>

// States and transitions:
//   closed    → open       failed(): failures in a row, or half of the window's calls
//   open      → half_open  the open time has passed; recorded by the next try_begin()
//   half_open → closed     succeeded(), `successes_to_close` times
//   half_open → open       failed(), for twice as long
// An end that comes while the breaker is open, or half open without a trial under way, is of a call that began before
// it opened: what it says is known, and it changes nothing.

namespace rpc {

bool CircuitBreaker::try_begin(base::SteadyTime now) {
  switch (state(now)) {
    case State::closed:
      return true;
    case State::open:
      return false;
    case State::half_open:
      if (state_ == State::open) {
        state_ = State::half_open;
        successes_ = 0;
        trial_under_way_ = false;
      }
      return !std::exchange(trial_under_way_, true);
  }
}

void CircuitBreaker::succeeded(base::SteadyTime now) {
  if (state_ == State::closed) {
    failures_in_a_row_ = 0;
    count(now, false);
  } else if (state_ == State::half_open && std::exchange(trial_under_way_, false)) {
    if (++successes_ >= settings_.successes_to_close) close();
  }
}

void CircuitBreaker::failed(base::SteadyTime now) {
  if (state_ == State::closed) {
    ++failures_in_a_row_;
    count(now, true);
    if (failures_in_a_row_ >= settings_.failures_to_open || half_have_failed(now)) open(now, settings_.open_time);
  } else if (state_ == State::half_open && std::exchange(trial_under_way_, false)) {
    open(now, std::min(open_time_ * 2, settings_.open_time_max));
  }
}

void CircuitBreaker::abandoned(base::SteadyTime /*now*/) {
  trial_under_way_ = false;
}

CircuitBreaker::State CircuitBreaker::state(base::SteadyTime now) const noexcept {
  if (state_ == State::open && now - opened_at_ >= open_time_) return State::half_open;
  return state_;
}

void CircuitBreaker::count(base::SteadyTime now, bool failed) {
  const auto number = slice_number(now);
  auto& slice = slices_[static_cast<std::size_t>(number % slices_count)];
  if (slice.number != number) slice = {.number = number};
  ++slice.calls;
  if (failed) ++slice.failures;
}

bool CircuitBreaker::half_have_failed(base::SteadyTime now) const {
  const auto oldest = slice_number(now) - slices_count + 1;
  int calls = 0;
  int failures = 0;
  for (const auto& slice : slices_) {
    if (slice.number < oldest) continue;
    calls += slice.calls;
    failures += slice.failures;
  }
  return calls >= settings_.window_calls_min && failures * 2 >= calls;
}

std::int64_t CircuitBreaker::slice_number(base::SteadyTime now) const {
  return now.time_since_epoch() / (settings_.window / slices_count);
}

void CircuitBreaker::open(base::SteadyTime now, base::milliseconds time) {
  state_ = State::open;
  opened_at_ = now;
  open_time_ = time;
}

void CircuitBreaker::close() {
  state_ = State::closed;
  failures_in_a_row_ = 0;
  slices_ = {};
}

}  // namespace rpc
