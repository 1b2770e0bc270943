// ConnectionRegistry for one process: how many sockets each user has here. Any thread.
#pragma once

#include <mutex>
#include <unordered_map>

#include "gateway/connection_registry.hpp"

namespace gateway {

class LocalConnectionRegistry final : public ConnectionRegistry {
 public:
  [[nodiscard]] bool register_connection(const base::UserId& user, const socketio::SocketId& socket,
                                         std::size_t sockets_max) override;
  bool unregister_connection(const base::UserId& user, const socketio::SocketId& socket) override;

 private:
  std::mutex mutex_;
  std::unordered_map<base::UserId, std::size_t> sockets_by_user_;
};

}  // namespace gateway
