// The port through which the domain tells connected devices. Cuts the cycle between gateway (needs the service) and
// service (emits through the gateway). Implemented by gateway::SocketNotifier.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/trace.hpp"
#include "messaging/entities.hpp"

namespace messaging {

// The connection that caused something, so that it is not told what its ack told it. Empty: none (gRPC, the server
// itself).
using DeviceId = std::string;

class Notifier {
 public:
  virtual ~Notifier() = default;

  // The event took `position` in the user's feed and its commit is durable. Called exactly once for every position, in
  // any order and from any executor's thread; devices are told in order of position, `except` is not told. Never fails
  // and never waits: what is lost on the way is read from the tables again. `trace`: the request that it was done for.
  virtual void publish(const UserId& user, Position position, std::shared_ptr<const Event> event,
                       const DeviceId& except, const base::TraceContext& trace) = 0;

  // A commit may stand although its caller was told that it failed: of such a one nobody was told. Users connected
  // anywhere are compared with the tables soon.
  virtual void suspect_loss() = 0;

  // Volatile: told to the devices that are connected now and keep up, else dropped.
  virtual void typing(const UserId& to, const ConversationId& conversation, const UserId& typist, bool is_typing) = 0;
};

}  // namespace messaging
