#include "messaging/content_rules.hpp"

#include <simdjson.h>

namespace messaging {
namespace {

// U+FE0E and U+FE0F, text and emoji presentation: EF B8 8E and EF B8 8F.
bool is_variation_selector(std::string_view utf8, std::size_t at) noexcept {
  if (utf8.size() - at < 3) return false;
  return utf8[at] == '\xEF' && utf8[at + 1] == '\xB8' && (utf8[at + 2] == '\x8E' || utf8[at + 2] == '\x8F');
}

constexpr bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

std::size_t count_characters(std::string_view utf8) noexcept {
  std::size_t count = 0;
  // True at the start too: npm `validator` takes away matches of /[^\uFE0F\uFE0E][\uFE0F\uFE0E]/g, so a selector is
  // free only behind something that is none itself, and a second one in a row counts again.
  bool after_selector = true;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (is_continuation(utf8[at])) continue;
    const bool selector = is_variation_selector(utf8, at);
    if (!selector || after_selector) ++count;
    after_selector = selector;
  }
  return count;
}

base::Result<void> check_content(std::string_view content) {
  if (content.empty() || content.size() > content_bytes_max) return base::invalid_field("content", "bytes");
  if (content.find('\0') != std::string_view::npos) return base::fail(base::Errc::invalid_content, "U+0000");
  if (!simdjson::validate_utf8(content)) return base::fail(base::Errc::invalid_content, "not UTF-8");
  // A character has at least one byte: short contents need no counting.
  if (content.size() > content_characters_max && count_characters(content) > content_characters_max) {
    return base::invalid_field("content", "characters");
  }
  return {};
}

}  // namespace messaging
