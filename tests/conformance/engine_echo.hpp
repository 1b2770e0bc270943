// Raw Engine.IO for the official suite: every message goes back as it came. On the session's thread.
#pragma once

#include <memory>

#include "engineio/session.hpp"

namespace conformance {

// Takes over a new session; what it returns owns itself until the session's end.
[[nodiscard]] engineio::Session::Handler* open_engine_echo(std::shared_ptr<engineio::Session> session);

}  // namespace conformance
