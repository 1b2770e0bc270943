// Identifiers as types of their own, so that a message's id cannot be passed where a conversation's is meant.
// Values; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace base {

// 128 bits. In: the 36-character form of RFC 9562 in any case. Out: lower case.
class Uuid {
 public:
  static constexpr std::size_t text_length = 36;

  constexpr Uuid() = default;
  // Only the canonical 8-4-4-4-12 form, no braces and no URN prefix.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;
  // UUIDv7 (RFC 9562, section 5.7): the time in milliseconds, then a counter and random bits. Ids made on one thread
  // ascend.
  [[nodiscard]] static Uuid v7(SystemTime now);

  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t hash() const noexcept;

  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// The same 128 bits under different types; Tag is never defined.
template <class Tag>
struct UuidOf {
  Uuid value{};

  [[nodiscard]] static std::optional<UuidOf> parse(std::string_view text) noexcept {
    const auto parsed = Uuid::parse(text);
    if (!parsed) return std::nullopt;
    return UuidOf{*parsed};
  }
  [[nodiscard]] static UuidOf v7(SystemTime now) { return UuidOf{Uuid::v7(now)}; }
  [[nodiscard]] std::string to_string() const { return value.to_string(); }
  void append_to(std::string& out) const { value.append_to(out); }
  auto operator<=>(const UuidOf&) const = default;
};

using ConversationId = UuidOf<struct ConversationIdTag>;
using MessageId = UuidOf<struct MessageIdTag>;
using ClientMessageId = UuidOf<struct ClientMessageIdTag>;

// The claim `sub` of a token: opaque, 1–128 characters from U+0021 to U+007E.
class UserId {
 public:
  static constexpr std::size_t length_max = 128;

  UserId() = default;
  [[nodiscard]] static std::optional<UserId> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  // By bytes: the order that the pair key and the decision cache are built on.
  auto operator<=>(const UserId&) const = default;

 private:
  explicit UserId(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace base

template <>
struct std::hash<base::Uuid> {
  std::size_t operator()(const base::Uuid& id) const noexcept { return id.hash(); }
};
template <class Tag>
struct std::hash<base::UuidOf<Tag>> {
  std::size_t operator()(const base::UuidOf<Tag>& id) const noexcept { return id.value.hash(); }
};
template <>
struct std::hash<base::UserId> {
  std::size_t operator()(const base::UserId& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
