// The numbered files of migrations/sqlite, embedded at build time. Constant; any thread.
#pragma once

#include <span>
#include <string_view>

namespace sqlite {

struct Migration {
  int version;
  std::string_view name;
  // SHA-256 of the file, in hexadecimal.
  std::string_view checksum;
  std::string_view sql;
};

// Ascending by version, 1, 2, 3 … without gaps.
[[nodiscard]] std::span<const Migration> migrations();

}  // namespace sqlite
