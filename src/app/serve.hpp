// `messagingd serve`: starts the application, says where it is, waits for a signal, stops.
#pragma once

#include "app/config.hpp"

namespace app {

// The exit code, as commands.hpp lists them. Call on the main thread, before any other exists.
[[nodiscard]] int serve(const Config& config);

}  // namespace app
