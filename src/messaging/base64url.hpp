// base64url without padding (RFC 4648, section 5), for the opaque strings of opaque_tokens.hpp. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace messaging {

[[nodiscard]] constexpr std::size_t base64url_length(std::size_t bytes) noexcept {
  return (bytes * 4 + 2) / 3;
}

[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> bytes);

// Fills `out` entirely, or fails: where the text has another length, a character outside the alphabet, or bits behind
// the last byte that are not zero (each value has one spelling).
[[nodiscard]] bool from_base64url(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace messaging
