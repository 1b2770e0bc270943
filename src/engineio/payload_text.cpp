#include "engineio/payload_text.hpp"

#include <simdjson.h>

#include <utility>

#include "engineio/packet.hpp"

namespace engineio {

PayloadText::PayloadText(std::string body) : padded_(std::move(body)), size_(padded_.size()) {
  padded_.append(simdjson::SIMDJSON_PADDING, '\0');
}

std::optional<std::vector<std::string_view>> PayloadText::split(std::size_t packets_max) const {
  const std::string_view text = std::string_view(padded_).substr(0, size_);
  if (!simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  return split_payload(text, packets_max);
}

}  // namespace engineio
