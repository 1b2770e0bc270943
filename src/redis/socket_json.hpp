// A socket as fetchSockets() of other members shows it. A function of the socket, on its thread.
#pragma once

#include <string>
#include <vector>

#include "socketio/socket.hpp"

namespace redis {

// {"id","handshake","rooms","data"} in the reference's shape. What goes through Redis is for everybody there to read:
// headers and the CONNECT's payload, which hold the token, are left empty.
void append_socket_json(std::string& out, const socketio::Socket& socket, const std::vector<socketio::Room>& rooms);

}  // namespace redis
