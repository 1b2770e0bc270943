#include "base/ids.hpp"

#include <algorithm>
#include <cstring>

#include "base/random.hpp"

namespace base {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_dash_position(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  if (text.size() != text_length) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = id.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++nibble;
  }
  return id;
}

Uuid Uuid::v7(SystemTime now) {
  // Within a millisecond the 12 bits behind the version count up; where they run over, the time moves on by one.
  struct Last {
    std::uint64_t ms = 0;
    std::uint16_t counter = 0;
  };
  thread_local Last last;

  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch, 0));
  Uuid id;
  fill_random(std::span(id.bytes_).subspan(6));
  if (ms > last.ms) {
    // The top bit starts clear, so that at least 2048 ids fit before the counter runs over.
    last = {ms, static_cast<std::uint16_t>((id.bytes_[6] << 8 | id.bytes_[7]) & 0x07ff)};
  } else if (++last.counter == 0x1000) {
    last = {last.ms + 1, 0};
  }
  for (std::size_t i = 0; i < 6; ++i) id.bytes_[i] = static_cast<std::uint8_t>(last.ms >> (40 - 8 * i));
  id.bytes_[6] = static_cast<std::uint8_t>(0x70 | last.counter >> 8);
  id.bytes_[7] = static_cast<std::uint8_t>(last.counter);
  id.bytes_[8] = static_cast<std::uint8_t>(0x80 | (id.bytes_[8] & 0x3f));
  return id;
}

void Uuid::append_to(std::string& out) const {
  char text[text_length];
  std::size_t at = 0;
  for (const auto byte : bytes_) {
    if (is_dash_position(at)) text[at++] = '-';
    text[at++] = hex_digits[byte >> 4];
    text[at++] = hex_digits[byte & 0xf];
  }
  out.append(text, text_length);
}

std::string Uuid::to_string() const {
  std::string out;
  out.reserve(text_length);
  append_to(out);
  return out;
}

std::size_t Uuid::hash() const noexcept {
  // Clients choose some of these ids: mix both halves with a per-process key, so that nobody can aim at one bucket.
  static const std::uint64_t key = random_u64();
  std::uint64_t halves[2];
  std::memcpy(halves, bytes_.data(), sizeof halves);
  std::uint64_t h = (halves[0] ^ key) * 0x9E3779B97F4A7C15ULL;
  h ^= h >> 32;
  h = (h ^ halves[1]) * 0xD6E8FEB86659FD93ULL;
  return h ^ h >> 29;
}

std::optional<UserId> UserId::parse(std::string_view text) {
  if (text.empty() || text.size() > length_max) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; })) return std::nullopt;
  return UserId(text);
}

}  // namespace base
