// A Socket.IO namespace as the official suite expects it: `auth` after the CONNECT, then the echoes of `message` and
// `message-with-ack`. JSON goes back as it came, byte for byte.
#pragma once

#include <string>

#include "socketio/namespace.hpp"

namespace conformance {

[[nodiscard]] socketio::Namespace::Handlers namespace_echo(const std::string& name);

}  // namespace conformance
