// The numbered files of migrations/postgres, embedded at build time. Constant; any thread.
#pragma once

#include <span>
#include <string_view>

namespace postgres {

struct Migration {
  int version;
  // The oldest messagingd, by the version of the schema that it was built with, that can work with the tables as they
  // are after this migration. The file says it in a line of its own: `-- min-compatible: <version>`.
  int min_compatible;
  std::string_view name;
  // SHA-256 of the file, in hexadecimal.
  std::string_view checksum;
  std::string_view sql;
};

// Ascending by version, 1, 2, 3 … without gaps.
[[nodiscard]] std::span<const Migration> migrations();

}  // namespace postgres
