// Base64 (RFC 4648), strict: every value has one spelling, and any other is refused. Two alphabets: the standard one
// with padding (section 4: binary packets over polling) and the URL-safe one without (section 5: tokens, ids, offsets).
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace base {

void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] constexpr std::size_t base64_length(std::size_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> bytes);
[[nodiscard]] constexpr std::size_t base64url_length(std::size_t bytes) noexcept {
  return (bytes * 4 + 2) / 3;
}
// Nothing for padding, white space, characters outside the alphabet, an impossible length, or trailing bits that are
// not zero.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);
// Fills `out` entirely, or fails: also where the text stands for another number of bytes.
[[nodiscard]] bool decode_base64url_into(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace base
