// The few text rules of HTTP (RFC 9110, section 5.6): letters compare without case, and lists are separated by commas.
// Pure.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace net::ascii {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

constexpr std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

constexpr std::string_view trimmed(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the last element off a list that is separated by commas.
constexpr std::string_view take_last(std::string_view& list) noexcept {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trimmed(last);
}

constexpr bool list_contains(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    if (equal(take_last(list), token)) return true;
  }
  return false;
}

}  // namespace net::ascii
