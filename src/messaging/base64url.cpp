#include "messaging/base64url.hpp"

#include <array>

namespace messaging {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  std::string text(base64url_length(bytes.size()), '\0');
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t at = 0;
  for (const auto byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 6; held -= 6) text[at++] = alphabet[bits >> (held - 6) & 0x3f];
  }
  if (held > 0) text[at] = alphabet[bits << (6 - held) & 0x3f];
  return text;
}

bool from_base64url(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != base64url_length(out.size())) return false;
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t at = 0;
  for (const auto character : text) {
    const auto digit = digit_values[static_cast<std::uint8_t>(character)];
    if (digit == no_digit) return false;
    bits = bits << 6 | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[at++] = static_cast<std::uint8_t>(bits >> held);
    }
  }
  return (bits & ((1U << held) - 1)) == 0;
}

}  // namespace messaging
