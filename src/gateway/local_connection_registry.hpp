// ConnectionRegistry for one process: how many sockets each user has here. Any thread.
#pragma once

#include <mutex>
#include <unordered_map>

#include "messaging/connection_registry.hpp"

namespace gateway {

class LocalConnectionRegistry final : public messaging::ConnectionRegistry {
 public:
  [[nodiscard]] bool register_connection(const messaging::UserId& user, const messaging::DeviceId& socket,
                                         std::size_t sockets_max) override;
  bool unregister_connection(const messaging::UserId& user, const messaging::DeviceId& socket) override;

 private:
  std::mutex mutex_;
  std::unordered_map<messaging::UserId, std::size_t> sockets_by_user_;
};

}  // namespace gateway
