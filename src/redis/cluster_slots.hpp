// Which node of a Redis Cluster owns which slot, and what nodes say about it: CLUSTER SLOTS, MOVED, ASK. Values and
// pure functions. What nodes say is not trusted: a malformed reply gives nothing.
// Format: the Redis Cluster specification, and the documentation of CLUSTER SLOTS.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "redis/options.hpp"
#include "redis/reply.hpp"

namespace redis {

using Slot = std::uint16_t;
inline constexpr Slot slot_count = 16'384;

// CRC16 (XMODEM) of the key, or of what stands between its first { and the next }, where that is not empty.
[[nodiscard]] Slot key_slot(std::string_view key) noexcept;

class SlotMap {
 public:
  // Nothing: nobody is known to own the slot.
  [[nodiscard]] const Endpoint* owner(Slot slot) const noexcept;
  void set_owner(Slot first, Slot last, const Endpoint& endpoint);
  // Each once.
  [[nodiscard]] const std::vector<Endpoint>& masters() const noexcept { return masters_; }

  bool operator==(const SlotMap&) const = default;

 private:
  // Index into masters_, plus one; 0: nobody.
  std::array<std::uint8_t, slot_count> owners_{};
  std::vector<Endpoint> masters_;
};

// `asked` is the node that answered: a node that does not know its own name leaves it out.
[[nodiscard]] std::optional<SlotMap> parse_slots(const Reply& reply, const Endpoint& asked);

// "MOVED 3999 127.0.0.1:6381": from now on there. "ASK …": this command, this time, there.
struct Redirection {
  enum class Kind : std::uint8_t { moved, ask } kind;
  Slot slot = 0;
  Endpoint to{};
};
// Nothing: it is another error, or none.
[[nodiscard]] std::optional<Redirection> parse_redirection(const Reply& reply, const Endpoint& asked);

}  // namespace redis
