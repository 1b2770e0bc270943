// How many calls may be under way at once: what comes beyond is refused with OVERLOADED instead of waiting in memory.
// Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace rpc {

class CallLimit {
 public:
  // One call's place; free again when this goes. Must not outlive the limit.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot();

   private:
    friend CallLimit;
    explicit Slot(CallLimit& limit) noexcept : limit_(&limit) {}
    CallLimit* limit_;
  };

  explicit CallLimit(std::size_t calls_max) noexcept : calls_max_(calls_max) {}

  // Nothing where all places are taken.
  [[nodiscard]] std::optional<Slot> try_take() noexcept;

 private:
  std::size_t calls_max_;
  std::atomic<std::size_t> calls_{0};
};

}  // namespace rpc
