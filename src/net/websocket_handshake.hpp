// The opening handshake of RFC 6455, section 4.2, on a parsed request: what it must look like, and the answer. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace net::websocket {

enum class Upgrade : std::uint8_t {
  none,                 // an ordinary request
  valid,                // all conditions of section 4.2.1
  malformed,            // asks for a WebSocket, but not as it must
  unsupported_version,  // as it must, but not for version 13
};

[[nodiscard]] Upgrade examine_upgrade(const RequestHead& head, bool is_http_1_1);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

// The whole answer that ends HTTP on the connection. No extension and no subprotocol is ever chosen.
[[nodiscard]] std::string switching_protocols(std::string_view key);

}  // namespace net::websocket
