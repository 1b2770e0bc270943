#include "base/json_text.hpp"

#include <array>
#include <charconv>

namespace base {
namespace {

// 0: copied as it is; 1: escaped; 2: start of a sequence of UTF-8, to be checked.
constexpr auto byte_classes = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t i = 0; i < 0x20; ++i) classes[i] = 1;
  classes['"'] = classes['\\'] = 1;
  for (std::size_t i = 0x80; i < 0x100; ++i) classes[i] = 2;
  return classes;
}();

void append_escaped(std::string& out, unsigned char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 0xf];
  }
}

// The length of the well-formed sequence at the start of `text` (RFC 3629: shortest form, no surrogates), or 0.
std::size_t utf8_sequence_length(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (at(i) & 0xc0) == 0x80; };
  const unsigned first = at(0);
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xe0 && at(1) < 0xa0) return 0;
    if (first == 0xed && at(1) > 0x9f) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xf0 && at(1) < 0x90) return 0;
    if (first == 0xf4 && at(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // where the run of bytes that are copied as they are begins
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (byte_classes[c] == 0) {
      ++i;
      continue;
    }
    if (byte_classes[c] == 2) {
      if (const auto length = utf8_sequence_length(text.substr(i)); length != 0) {
        i += length;
        continue;
      }
    }
    out.append(text, plain, i - plain);
    if (byte_classes[c] == 2) {
      out += "\xEF\xBF\xBD";
    } else {
      append_escaped(out, c);
    }
    plain = ++i;
  }
  out.append(text, plain, std::string_view::npos);
  out += '"';
}

void append_json_number(std::string& out, std::int64_t value) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  static_cast<void>(error);
  out.append(digits, end);
}

}  // namespace base
