// Writing JSON by appending to a string: all that the few wire types of this project need. Reading is simdjson's part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Appends `text` as a JSON string with its quotes. Escapes what RFC 8259 requires and nothing else, so what was stored
// is returned byte for byte. Bytes that are no UTF-8 are replaced by U+FFFD: a WebSocket client would close on them.
void append_json_string(std::string& out, std::string_view text);

void append_json_number(std::string& out, std::int64_t value);

}  // namespace base
