// Accepts the connections of one listening socket on one IoThread. That thread only, once started.
#pragma once

#include <memory>

#include "net/http_service.hpp"

namespace net {

class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual void start() = 0;
  // Closes the listening socket.
  virtual void stop() = 0;
};

// `listening` is a non-blocking socket in the state of listening.
[[nodiscard]] std::shared_ptr<Acceptor> make_acceptor(std::shared_ptr<HttpService> service, UniqueFd listening);

}  // namespace net
