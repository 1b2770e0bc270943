// Whatever parses is valid UTF-8, prints to text that parses again, and passes through the event rules without harm.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "socketio/event.hpp"
#include "socketio/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace socketio;
  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(simdjson::SIMDJSON_PADDING, '"');
  const auto text = std::string_view(padded).substr(0, size);
  std::string scratch;
  if (const auto name = read_event_name(text, 2, scratch)) {
    const auto arguments = raw_arguments(text);
    if (arguments.data() < text.data() || arguments.data() + arguments.size() > text.data() + text.size()) std::abort();
    if (!simdjson::validate_utf8(*name)) std::abort();
  }
  const auto element = parse_json(text);
  if (!element) return 0;
  auto printed = simdjson::minify(*element);
  const auto printed_size = printed.size();
  if (!simdjson::validate_utf8(printed)) std::abort();
  printed.append(simdjson::SIMDJSON_PADDING, '"');
  if (!parse_json(std::string_view(printed).substr(0, printed_size))) std::abort();
  return 0;
}
