// The port to the platform's Connections service: are these two users first-degree connections? Implementations: the
// `file:` and `open:` authorities (app), and gRPC (rpc).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/trace.hpp"
#include "messaging/repositories.hpp"

namespace messaging {

// The acting user's JWT as it was presented, for forwarding. Never logged.
using BearerToken = std::shared_ptr<const std::string>;

class ConnectionsClient {
 public:
  virtual ~ConnectionsClient() = default;

  // Symmetric. Ends within the implementation's deadline (250 ms). Failures:
  //   not_connected      the service refused to tell this caller (PERMISSION_DENIED): refuse, do not cache
  //   unauthenticated    the service does not answer this caller's question (it will not take the token, say): as no
  //                      answer, but an older decision does not stand in for it
  //   authz_unavailable  no answer: unreachable, too slow, breaker open
  virtual Task<Result<bool>> is_connected(UserId caller, UserId other, BearerToken token, base::TraceContext trace) = 0;

  // Called when the authority learns by itself that a pair's answer changed; on any thread. At most one observer; set
  // before the first call of is_connected.
  using Observer = std::function<void(const UserPair& pair, bool connected)>;
  virtual void observe_changes(Observer observer) = 0;
};

}  // namespace messaging
