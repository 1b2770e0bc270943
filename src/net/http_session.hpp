// One TCP connection that speaks HTTP/1.1: requests one after the other, each answered through an Exchange, until the
// connection closes or becomes a WebSocket. Between the acceptor and the HttpHandler. A request that another thread
// must serve takes the connection along, before its body is read: this session ends, and one on that thread goes on
// with the same socket. Lifetime: held by its pending operations, and by the Exchange of the request that is being
// served. Its service's thread only.
#pragma once

#include <memory>
#include <string>

#include "net/http_service.hpp"

namespace net {

struct AcceptedConnection {
  UniqueFd fd{};  // non-blocking
  ConnectionCount::Slot slot{};
  IpAddress peer{};
};

// Begins to serve the connection. On the service's thread.
void start_http_session(std::shared_ptr<HttpService> service, AcceptedConnection connection);

}  // namespace net
