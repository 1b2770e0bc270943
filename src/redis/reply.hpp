// What Redis answers (RESP2), as a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace redis {

struct Reply {
  enum class Type : std::uint8_t { nil, status, string, integer, array, error };
  Type type = Type::nil;
  // Of a status, string or error. Binary-safe.
  std::string text{};
  std::int64_t integer = 0;
  std::vector<Reply> elements{};

  [[nodiscard]] bool is_error() const noexcept { return type == Type::error; }
  bool operator==(const Reply&) const = default;
};

}  // namespace redis
