// The port to who is connected where: `user:sockets:<userId>` (the seed's ConnectionManagerService).
// gateway::LocalConnectionRegistry counts in this process; redis::RedisConnectionManager stands in front of it and
// keeps the register that all nodes share. Neither call waits, and neither fails because a shared register is away: it
// is a record for others, no condition for serving.
#pragma once

#include "messaging/notifier.hpp"

namespace messaging {

class ConnectionRegistry {
 public:
  virtual ~ConnectionRegistry() = default;

  // From any thread. False, and nothing registered, where the user has `sockets_max` on this node already. Atomic: of
  // two that come at once for one place, one gets it.
  [[nodiscard]] virtual bool register_connection(const UserId& user, const DeviceId& socket,
                                                 std::size_t sockets_max) = 0;
  // From any thread. True where it was the user's last socket on this node. Precondition: it was registered.
  virtual bool unregister_connection(const UserId& user, const DeviceId& socket) = 0;
};

}  // namespace messaging
