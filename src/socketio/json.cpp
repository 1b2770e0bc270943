#include "socketio/json.hpp"

#include <memory>
#include <string>

#include "socketio/json_repair.hpp"

namespace socketio {
namespace {

// Above every message that an Engine.IO server here takes in; longer text is malformed.
constexpr std::size_t json_bytes_max = 1024 * 1024;
// A parser holds about 14 bytes for each byte of the longest text it has seen: up to this length it is kept, 3.5 MiB a
// thread.
constexpr std::size_t kept_capacity = 256 * 1024;
// simdjson counts the scalars of the innermost container as a level of their own. An empty container is none: it may
// lie one level deeper.
constexpr std::size_t parser_depth = json_depth_max + 1;

// A parser of its own for what is too long for the kept one; goes with the next text.
struct Parsers {
  simdjson::dom::parser kept{kept_capacity};
  std::unique_ptr<simdjson::dom::parser> large;
  Parsers() {
    // An allocation that fails here fails again at the first text, as its error.
    static_cast<void>(kept.allocate(4 * 1024, parser_depth));
  }

  simdjson::dom::parser& fitting(std::size_t bytes) {
    large.reset();
    if (bytes <= kept_capacity) return kept;
    large = std::make_unique<simdjson::dom::parser>(json_bytes_max);
    static_cast<void>(large->allocate(bytes, parser_depth));
    return *large;
  }
};

simdjson::simdjson_result<simdjson::dom::element> parse_padded(simdjson::dom::parser& parser, std::string_view text) {
  return parser.parse(text.data(), text.size(), false);
}

// Re-parsing is worth it only where JavaScript might read what simdjson does not.
bool is_repairable(simdjson::error_code error) noexcept {
  return error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR;
}

}  // namespace

std::optional<simdjson::dom::element> parse_json(std::string_view text) {
  thread_local Parsers parsers;
  if (text.size() > json_bytes_max) return std::nullopt;
  auto parsed = parse_padded(parsers.fitting(text.size()), text);
  if (is_repairable(parsed.error())) {
    auto repaired = repair_json(text);
    const auto size = repaired.size();
    if (size > json_bytes_max) return std::nullopt;
    repaired.append(simdjson::SIMDJSON_PADDING, ' ');
    // The parser copies every string: nothing points into `repaired` afterwards.
    parsed = parse_padded(parsers.fitting(size), std::string_view(repaired).substr(0, size));
  }
  if (parsed.error() != simdjson::SUCCESS) return std::nullopt;
  return parsed.value_unsafe();
}

std::optional<simdjson::dom::element> parse_unpadded_json(std::string_view text) {
  if (text.size() > json_bytes_max) return std::nullopt;
  // Kept while it is small: a text costs no allocation then.
  thread_local std::string padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const auto parsed = parse_json(std::string_view(padded).substr(0, text.size()));
  if (padded.capacity() > kept_capacity) std::string().swap(padded);
  return parsed;
}

}  // namespace socketio
