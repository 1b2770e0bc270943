#include "gateway/relayed_typing.hpp"

namespace gateway {

void RelayedTyping::relayed(const Key& key, bool is_typing) {
  const auto found = timers_.find(key);
  if (found != timers_.end()) {
    executor_.cancel(found->second);
    if (!is_typing) {
      timers_.erase(found);
      return;
    }
  } else if (!is_typing || timers_.size() == entries_max) {
    return;
  }
  timers_[key] = executor_.schedule(timeout, [this, key] {
    timers_.erase(key);
    ended_(key);
  });
}

void RelayedTyping::stop() {
  for (const auto& [key, timer] : timers_) executor_.cancel(timer);
  timers_.clear();
}

}  // namespace gateway
