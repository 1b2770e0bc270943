// What may be a message's content. Pure.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace messaging {

// Counted as class-validator's MaxLength does (npm `validator`, isLength): code points, a variation selector FE0E or
// FE0F after another character counts nothing.
inline constexpr std::size_t content_characters_max = 5000;
inline constexpr std::size_t content_bytes_max = 20'000;

// validation_failed (content) for too short or too long, invalid_content for U+0000 and for bytes that are no UTF-8.
[[nodiscard]] base::Result<void> check_content(std::string_view content);

[[nodiscard]] std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace messaging
