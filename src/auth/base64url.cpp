#include "auth/base64url.hpp"

#include <array>
#include <cstdint>

namespace auth {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_in_alphabet = 0xff;

constexpr std::array<std::uint8_t, 256> make_sextets() {
  std::array<std::uint8_t, 256> sextets{};
  sextets.fill(not_in_alphabet);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    sextets[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return sextets;
}
constexpr auto sextets = make_sextets();

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  // A single character left over carries six bits, which is no byte.
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const auto sextet = sextets[static_cast<std::uint8_t>(c)];
    if (sextet == not_in_alphabet) return std::nullopt;
    bits = bits << 6 | sextet;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(static_cast<std::uint8_t>(bits >> bit_count));
    bits &= (1U << bit_count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return bytes;
}

std::string encode_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      text += alphabet[bits >> bit_count & 0x3f];
    }
    bits &= (1U << bit_count) - 1;
  }
  if (bit_count != 0) text += alphabet[bits << (6 - bit_count) & 0x3f];
  return text;
}

}  // namespace auth
