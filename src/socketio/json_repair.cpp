#include "socketio/json_repair.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace socketio {
namespace {

constexpr std::string_view escaped_null = "\\u0000";
constexpr std::size_t escape_size = escaped_null.size();
// From 19 digits on an integer may lie beyond 64 bits.
constexpr std::size_t safe_integer_digits = 18;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::optional<unsigned> hex_value(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// The code unit of the `\uXXXX` that `text` begins with.
std::optional<unsigned> read_unicode_escape(std::string_view text) noexcept {
  if (text.size() < escape_size || !text.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  for (const char c : text.substr(2, 4)) {
    const auto digit = hex_value(c);
    if (!digit) return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

constexpr bool is_high_surrogate(unsigned unit) noexcept {
  return unit >= 0xd800 && unit <= 0xdbff;
}
constexpr bool is_low_surrogate(unsigned unit) noexcept {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

// Copies the escape that `rest` begins with, a whole pair of surrogates at once, and returns its length in `rest`.
std::size_t repair_escape(std::string_view rest, std::string& out) {
  const auto unit = read_unicode_escape(rest);
  if (!unit) {
    const auto size = std::min<std::size_t>(2, rest.size());
    out += rest.substr(0, size);
    return size;
  }
  if (is_high_surrogate(*unit)) {
    const auto next = read_unicode_escape(rest.substr(escape_size));
    if (next && is_low_surrogate(*next)) {
      out += rest.substr(0, 2 * escape_size);
      return 2 * escape_size;
    }
  }
  const bool is_lone = is_high_surrogate(*unit) || is_low_surrogate(*unit);
  out += is_lone ? escaped_null : rest.substr(0, escape_size);
  return escape_size;
}

// Copies the string that `rest` begins with, quotes included; returns its length in `rest`.
std::size_t repair_string(std::string_view rest, std::string& out) {
  out += '"';
  std::size_t at = 1;
  while (at < rest.size()) {
    const char c = rest[at];
    if (c == '\\') {
      at += repair_escape(rest.substr(at), out);
      continue;
    }
    out += c;
    ++at;
    if (c == '"') break;
  }
  return at;
}

struct Number {
  std::size_t integer_digits = 0;
  bool is_integer = true;
};

// The grammar of RFC 8259, section 6. What breaks it has to stay broken.
std::optional<Number> read_number(std::string_view token) noexcept {
  const auto take_digits = [&token] {
    std::size_t digits = 0;
    while (digits < token.size() && is_digit(token[digits])) ++digits;
    token.remove_prefix(digits);
    return digits;
  };
  if (token.starts_with('-')) token.remove_prefix(1);
  const bool begins_with_zero = token.starts_with('0');
  Number number{.integer_digits = take_digits()};
  if (number.integer_digits == 0 || (begins_with_zero && number.integer_digits > 1)) return std::nullopt;
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (take_digits() == 0) return std::nullopt;
    number.is_integer = false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    if (take_digits() == 0) return std::nullopt;
    number.is_integer = false;
  }
  if (!token.empty()) return std::nullopt;
  return number;
}

// Copies the number that `rest` begins with; returns its length in `rest`.
std::size_t repair_number(std::string_view rest, std::string& out) {
  const std::string token(rest.substr(0, rest.find_first_not_of("+-.0123456789eE")));
  const auto number = read_number(token);
  if (!number) {
    out += token;
  } else if (std::isinf(std::strtod(token.c_str(), nullptr))) {
    out += token.front() == '-' ? "-1e308" : "1e308";
  } else {
    out += token;
    if (number->is_integer && number->integer_digits > safe_integer_digits) out += ".0";
  }
  return token.size();
}

}  // namespace

std::string repair_json(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at += repair_string(text.substr(at), out);
    } else if (c == '-' || is_digit(c)) {
      at += repair_number(text.substr(at), out);
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

}  // namespace socketio
