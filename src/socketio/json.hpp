// Reading the JSON of packets, on simdjson's DOM parser (it picks its kernel at run time and validates every byte).
// Heavy header: for .cpp files that take arguments apart.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

namespace socketio {

// The depth that is accepted: deeper is malformed.
inline constexpr std::size_t json_depth_max = 32;

// Parses one JSON text with this thread's parser; the element is good until the next call on this thread. Nothing for
// malformed text. As JavaScript reads it where simdjson is stricter: a lone surrogate escape reads as U+0000 (which is
// refused wherever a string is checked), a number beyond the range of a double as 1e308, an integer beyond 64 bits as a
// double. `text` needs simdjson::SIMDJSON_PADDING readable bytes behind its end.
[[nodiscard]] std::optional<simdjson::dom::element> parse_json(std::string_view text);
// The same for a text with nothing behind its end: it is copied first.
[[nodiscard]] std::optional<simdjson::dom::element> parse_unpadded_json(std::string_view text);

}  // namespace socketio
