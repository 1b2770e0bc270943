#include "gateway/local_connection_registry.hpp"

namespace gateway {

bool LocalConnectionRegistry::register_connection(const messaging::UserId& user, const messaging::DeviceId& /*socket*/,
                                                  std::size_t sockets_max) {
  if (sockets_max == 0) return false;
  const std::lock_guard lock(mutex_);
  auto& sockets = sockets_by_user_[user];
  if (sockets >= sockets_max) return false;
  ++sockets;
  return true;
}

bool LocalConnectionRegistry::unregister_connection(const messaging::UserId& user,
                                                    const messaging::DeviceId& /*socket*/) {
  const std::lock_guard lock(mutex_);
  const auto entry = sockets_by_user_.find(user);
  if (--entry->second != 0) return false;
  sockets_by_user_.erase(entry);
  return true;
}

}  // namespace gateway
