// Makes the WebSocketStream of a connection whose upgrade was accepted. Between http_session and the handler that owns
// the stream; called on the stream's thread.
#pragma once

#include <memory>
#include <string>

#include "net/connection.hpp"
#include "net/io_thread.hpp"
#include "net/websocket_stream.hpp"

namespace net {

struct UpgradedConnection {
  UniqueFd fd{};  // non-blocking
  ConnectionCount::Slot slot{};
  // The answer to the upgrade request, the first thing to be sent.
  std::string greeting{};
  // What the client had sent behind its request: frames already. At most IoThread::read_buffer_bytes.
  std::string received{};
};

[[nodiscard]] std::shared_ptr<WebSocketStream> make_websocket_stream(IoThread& thread, ConnectionList& connections,
                                                                     UpgradedConnection connection);

}  // namespace net
