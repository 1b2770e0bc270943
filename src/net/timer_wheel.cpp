// A node is free, or linked in the slot of its tick, or linked in the due list:
//   free -> slot (add) -> due (advance) -> free (take_due);  slot, due -> free (cancel, clear)
// An id is the node's index and its generation, which grows each time the node becomes free: a stale id finds another
// generation.
#include "net/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace net {
namespace {

std::int64_t tick_at_or_before(base::SteadyTime time) {
  return std::chrono::floor<base::milliseconds>(time.time_since_epoch()).count() / TimerWheel::tick.count();
}

// Rounded up, so that no timer fires before its time.
std::int64_t tick_at_or_after(base::SteadyTime time) {
  const auto tick_ms = TimerWheel::tick.count();
  return (std::chrono::ceil<base::milliseconds>(time.time_since_epoch()).count() + tick_ms - 1) / tick_ms;
}

std::size_t slot_of(std::int64_t tick, std::size_t slot_count) {
  return static_cast<std::size_t>(tick) % slot_count;
}

}  // namespace

TimerWheel::TimerWheel() : lists_(slot_count + 1) {}

base::TimerId TimerWheel::add(base::SteadyTime now, base::SteadyTime due, base::Job job) {
  // An empty wheel is not advanced, so its idea of the present may be hours old.
  if (size_ == 0) current_tick_ = tick_at_or_before(now);
  Index index = free_;
  if (index == none) {
    index = static_cast<Index>(nodes_.size());
    nodes_.emplace_back();
  } else {
    free_ = nodes_[index].next;
  }
  auto& node = nodes_[index];
  node.job = std::move(job);
  node.due = due;
  node.sequence = next_sequence_++;
  node.used = true;
  append(slot_of(std::max(tick_at_or_after(due), current_tick_ + 1), slot_count), index);
  ++size_;
  return (std::uint64_t{node.generation} << 32) | index;
}

void TimerWheel::cancel(base::TimerId id) {
  const auto index = static_cast<Index>(id);
  if (index >= nodes_.size()) return;
  const auto& node = nodes_[index];
  if (!node.used || node.generation != static_cast<std::uint32_t>(id >> 32)) return;
  unlink(index);
  // What the job holds may cancel timers of its own when it goes: the wheel is consistent again by then.
  const base::Job job = release(index);
}

void TimerWheel::advance(base::SteadyTime now) {
  const auto target = tick_at_or_before(now);
  if (target <= current_tick_) return;
  const auto steps = std::min<std::int64_t>(target - current_tick_, slot_count);
  collected_.clear();
  for (std::int64_t step = 1; step <= steps; ++step) collect(slot_of(current_tick_ + step, slot_count), target);
  current_tick_ = target;
  // Within a slot, and after a loop that was busy for a whole turn of the wheel, the lists are in no order of time.
  std::ranges::sort(collected_, {},
                    [this](Index index) { return std::pair(nodes_[index].due, nodes_[index].sequence); });
  for (const Index index : collected_) append(due_list, index);
}

void TimerWheel::collect(std::size_t slot, std::int64_t tick_now) {
  for (Index index = lists_[slot].head; index != none;) {
    const Index next = nodes_[index].next;
    if (tick_at_or_after(nodes_[index].due) <= tick_now) {
      unlink(index);
      collected_.push_back(index);
    }
    index = next;
  }
}

base::Job TimerWheel::take_due() {
  const Index index = lists_[due_list].head;
  unlink(index);
  return release(index);
}

void TimerWheel::clear() {
  for (std::size_t list = 0; list < lists_.size(); ++list) {
    while (lists_[list].head != none) {
      const Index index = lists_[list].head;
      unlink(index);
      const base::Job job = release(index);
    }
  }
}

std::optional<base::SteadyTime> TimerWheel::next_wake() const noexcept {
  const auto time_of = [](std::int64_t at) { return base::SteadyTime(at * tick); };
  const auto first = slot_of(current_tick_ + 1, slot_count);
  // One word more than there are: the first is looked at from the middle, and its lower half comes last.
  for (std::size_t i = 0; i <= occupied_.size(); ++i) {
    const auto word = (first / 64 + i) % occupied_.size();
    auto bits = occupied_[word];
    if (i == 0) bits &= ~std::uint64_t{0} << (first % 64);
    if (bits == 0) continue;
    const auto slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    const auto distance = (slot + slot_count - first) % slot_count + 1;
    return time_of(current_tick_ + static_cast<std::int64_t>(distance));
  }
  return std::nullopt;
}

void TimerWheel::append(std::size_t list, Index index) {
  auto& ends = lists_[list];
  auto& node = nodes_[index];
  node.list = static_cast<std::uint16_t>(list);
  node.previous = ends.tail;
  node.next = none;
  (ends.tail == none ? ends.head : nodes_[ends.tail].next) = index;
  ends.tail = index;
  if (list != due_list) occupied_[list / 64] |= std::uint64_t{1} << (list % 64);
}

void TimerWheel::unlink(Index index) {
  const auto& node = nodes_[index];
  auto& ends = lists_[node.list];
  (node.previous == none ? ends.head : nodes_[node.previous].next) = node.next;
  (node.next == none ? ends.tail : nodes_[node.next].previous) = node.previous;
  if (ends.head == none && node.list != due_list) occupied_[node.list / 64] &= ~(std::uint64_t{1} << (node.list % 64));
}

base::Job TimerWheel::release(Index index) {
  auto& node = nodes_[index];
  node.used = false;
  // 0 is skipped: an id is never 0.
  if (++node.generation == 0) node.generation = 1;
  node.next = std::exchange(free_, index);
  --size_;
  return std::exchange(node.job, nullptr);
}

}  // namespace net
