#include "messaging/header_cache.hpp"

namespace messaging {

std::optional<ConversationHeader> HeaderCache::find_for(const UserId& user, const ConversationId& id) {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto* cached = headers_.find(id);
  if (cached == nullptr || now - cached->read_at >= ttl) return std::nullopt;
  if (!cached->header.participants.contains(user)) return std::nullopt;
  return cached->header;
}

void HeaderCache::put(ConversationHeader header) {
  const auto now = clock_.steady_now();
  const auto id = header.id;
  const std::lock_guard lock(mutex_);
  headers_.put(id, {std::move(header), now});
}

void HeaderCache::forget(const ConversationId& id) {
  const std::lock_guard lock(mutex_);
  headers_.erase(id);
}

bool HeaderCache::set_can_send(const ConversationId& id, bool can_send) {
  const std::lock_guard lock(mutex_);
  auto* cached = headers_.find(id);
  if (cached == nullptr) return true;
  if (cached->header.can_send == can_send) return false;
  cached->header.can_send = can_send;
  return true;
}

}  // namespace messaging
