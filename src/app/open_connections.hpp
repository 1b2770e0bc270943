// The `open:` authority behind the ConnectionsClient port: everybody is connected to everybody. Development and load
// tests.
#pragma once

#include "messaging/connections_client.hpp"

namespace app {

class OpenConnectionsClient final : public messaging::ConnectionsClient {
 public:
  messaging::Task<messaging::Result<bool>> is_connected(messaging::UserId, messaging::UserId, messaging::BearerToken,
                                                        base::TraceContext) override {
    co_return true;
  }
  void observe_changes(Observer) override {}
};

}  // namespace app
