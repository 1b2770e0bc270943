#include <array>

#include "base/base64.hpp"
#include "base/random.hpp"
#include "socketio/namespace.hpp"

namespace socketio {

// 15 bytes fill 20 characters without padding; Redis adapters take a room of exactly 20 characters for a socket's own.
SocketId make_socket_id() {
  std::array<std::uint8_t, 15> bytes{};
  base::fill_random(bytes);
  return base::to_base64url(bytes);
}

}  // namespace socketio
