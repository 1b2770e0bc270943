// Time as a dependency. now() is called here only; logic takes a Clock&, and tests advance a ManualClock.
#pragma once

#include <chrono>
#include <string>

namespace base {

using std::chrono::milliseconds;
using std::chrono::seconds;

// For waits and ages: never jumps.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
// For stored times and token expiry: UTC, milliseconds are all that is kept.
using SystemTime = std::chrono::time_point<std::chrono::system_clock, milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime steady_now() const noexcept = 0;
  [[nodiscard]] virtual SystemTime system_now() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady_now() const noexcept override;
  [[nodiscard]] SystemTime system_now() const noexcept override;
};

// Stands still until it is told otherwise. One thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(SystemTime start = SystemTime(seconds(1'700'000'000))) : system_(start) {}
  [[nodiscard]] SteadyTime steady_now() const noexcept override { return steady_; }
  [[nodiscard]] SystemTime system_now() const noexcept override { return system_; }
  void advance(milliseconds by) {
    steady_ += by;
    system_ += by;
  }
  // A correction of the wall clock, forwards or backwards, as NTP makes them.
  void shift_system_time(milliseconds by) { system_ += by; }

 private:
  SteadyTime steady_{seconds(1'000)};
  SystemTime system_;
};

// 2026-01-31T09:05:07.042Z: ISO 8601, UTC, always three digits of milliseconds.
[[nodiscard]] std::string to_iso8601(SystemTime time);
void append_iso8601(std::string& out, SystemTime time);

// A point in steady time by which an operation must have ended.
class Deadline {
 public:
  Deadline(const Clock& clock, milliseconds budget) : at_(clock.steady_now() + budget) {}
  [[nodiscard]] SteadyTime at() const noexcept { return at_; }
  [[nodiscard]] bool has_passed(SteadyTime now) const noexcept { return now >= at_; }
  // What is left, rounded up; zero once it has passed.
  [[nodiscard]] milliseconds remaining(SteadyTime now) const noexcept {
    return now >= at_ ? milliseconds(0) : std::chrono::ceil<milliseconds>(at_ - now);
  }

 private:
  SteadyTime at_;
};

}  // namespace base
