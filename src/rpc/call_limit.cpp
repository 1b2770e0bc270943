#include "rpc/call_limit.hpp"

namespace rpc {

std::optional<CallLimit::Slot> CallLimit::try_take() noexcept {
  if (calls_.fetch_add(1, std::memory_order_relaxed) < calls_max_) return Slot(*this);
  calls_.fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

CallLimit::Slot::~Slot() {
  if (limit_) limit_->calls_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace rpc
