// A hashed timer wheel: one per IoThread, instead of a kernel or heap timer for each of 100 000 connections. Adding and
// cancelling are O(1). It keeps no time and waits for nothing: its owner tells it the time and runs what has become
// due.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"

namespace net {

class TimerWheel {
 public:
  // A timer fires up to one tick late. With the 20 ms that base::Executor allows, 12 ms remain for the loop's own
  // delay.
  static constexpr base::milliseconds tick{8};

  TimerWheel();

  // `now` is the present; a time that has passed fires with the next tick. The id is never 0.
  [[nodiscard]] base::TimerId add(base::SteadyTime now, base::SteadyTime due, base::Job job);
  // Also takes back a timer that advance() has found due and take_due() has not handed out yet.
  void cancel(base::TimerId id);
  // Finds what is due at `now`, in the order of the times asked for; equal times in the order of add().
  void advance(base::SteadyTime now);
  [[nodiscard]] bool has_due() const noexcept { return lists_[due_list].head != none; }
  // The next due job. Precondition: has_due().
  [[nodiscard]] base::Job take_due();
  // Destroys every job without running it.
  void clear();

  // When advance() may find more: never later than a tick after the first timer's time. Nothing where no timer waits.
  [[nodiscard]] std::optional<base::SteadyTime> next_wake() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index none = ~Index{0};
  // 4096 ticks are 32.8 s: pings, timeouts and deadlines lie within one turn of the wheel; a longer timer is passed
  // over once a turn.
  static constexpr std::size_t slot_count = 4096;
  static constexpr std::size_t due_list = slot_count;

  struct Node {
    base::Job job{};
    base::SteadyTime due{};
    std::uint64_t sequence = 0;  // of add()
    Index previous = none;
    Index next = none;  // of its list, or of the free nodes
    std::uint32_t generation = 1;
    std::uint16_t list = 0;
    bool used = false;
  };
  struct List {
    Index head = none;
    Index tail = none;
  };

  void append(std::size_t list, Index index);
  void unlink(Index index);
  [[nodiscard]] base::Job release(Index index);
  void collect(std::size_t slot, std::int64_t tick_now);

  std::vector<Node> nodes_;
  Index free_ = none;
  std::size_t size_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::int64_t current_tick_ = 0;  // everything up to it has been looked at
  std::vector<List> lists_;        // the slots, then the due ones
  std::array<std::uint64_t, slot_count / 64> occupied_{};
  std::vector<Index> collected_;
};

}  // namespace net
