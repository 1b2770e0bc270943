// Rewrites the JSON that JavaScript reads and simdjson refuses: lone surrogate escapes and numbers out of range. The
// rare second try of json.hpp's parse_json(); a function of its input alone, any thread.
#pragma once

#include <string>
#include <string_view>

namespace socketio {

// A lone surrogate escape becomes \u0000, a number beyond the range of a double 1e308 with its sign, an integer that
// may not fit 64 bits gets ".0". Everything else is copied, malformed or not: the parser judges the outcome.
[[nodiscard]] std::string repair_json(std::string_view text);

}  // namespace socketio
