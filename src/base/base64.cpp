#include "base/base64.hpp"

#include <array>

namespace base {
namespace {

constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::uint8_t not_in_alphabet = 0xff;

class Alphabet {
 public:
  consteval Alphabet(char digit62, char digit63) {
    values_.fill(not_in_alphabet);
    for (std::size_t i = 0; i < letters_and_digits.size(); ++i) digits_[i] = letters_and_digits[i];
    digits_[62] = digit62;
    digits_[63] = digit63;
    for (std::uint8_t i = 0; i < 64; ++i) values_[static_cast<std::uint8_t>(digits_[i])] = i;
  }
  [[nodiscard]] constexpr char digit(std::uint32_t value) const { return digits_[value & 0x3f]; }
  [[nodiscard]] constexpr std::uint32_t value(char digit) const { return values_[static_cast<std::uint8_t>(digit)]; }

 private:
  std::array<char, 64> digits_{};
  std::array<std::uint8_t, 256> values_{};
};

constexpr Alphabet standard('+', '/');
constexpr Alphabet url_safe('-', '_');

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// Three bytes become four digits; one or two that are left, two or three digits. Returns how many bytes were left.
std::size_t append_digits(std::string& out, std::string_view bytes, const Alphabet& alphabet) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const auto bits = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    const char quad[] = {alphabet.digit(bits >> 18), alphabet.digit(bits >> 12), alphabet.digit(bits >> 6),
                         alphabet.digit(bits)};
    out.append(quad, sizeof quad);
  }
  const auto left = bytes.size() - i;
  if (left == 0) return 0;
  const auto bits = byte_at(bytes, i) << 16 | (left == 2 ? byte_at(bytes, i + 1) << 8 : 0);
  out += alphabet.digit(bits >> 18);
  out += alphabet.digit(bits >> 12);
  if (left == 2) out += alphabet.digit(bits >> 6);
  return left;
}

// `text` without padding into `out`, whose size must be that of the value. False for what is no such text.
bool decode_digits(std::string_view text, const Alphabet& alphabet, std::span<std::uint8_t> out) noexcept {
  if (text.size() % 4 == 1 || out.size() != text.size() * 3 / 4) return false;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  std::size_t written = 0;
  for (const char c : text) {
    const auto value = alphabet.value(c);
    if (value == not_in_alphabet) return false;
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    out[written++] = static_cast<std::uint8_t>(bits >> bit_count);
    bits &= (1U << bit_count) - 1;
  }
  return bits == 0;
}

std::optional<std::string> decode(std::string_view text, const Alphabet& alphabet) {
  std::string bytes(text.size() * 3 / 4, '\0');
  if (!decode_digits(text, alphabet, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}))
    return std::nullopt;
  return bytes;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const auto left = append_digits(out, bytes, standard);
  if (left != 0) out.append(3 - left, '=');
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, standard);
}

std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve(base64url_length(bytes.size()));
  append_digits(text, bytes, url_safe);
  return text;
}

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  return to_base64url(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode(text, url_safe);
}

bool decode_base64url_into(std::string_view text, std::span<std::uint8_t> out) noexcept {
  return decode_digits(text, url_safe, out);
}

}  // namespace base
