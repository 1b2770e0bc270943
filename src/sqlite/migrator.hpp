// Brings the schema of an open database up to this binary's, one transaction for each migration. Before anything else
// uses the file; the caller holds its lock.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/migrations.hpp"

namespace sqlite {

// Applies what is missing of `known`. Failures, each a sentence that says what to do: the database is newer than
// `known`, an applied migration is another one than the known one of its version, a migration does not run (then the
// database is as it was). Returns the names of those that were applied now. Throws StorageFailure where the file cannot
// be read.
[[nodiscard]] base::Result<std::vector<std::string>> apply_migrations(Connection& connection,
                                                                      std::span<const Migration> known,
                                                                      const base::Clock& clock);

// The same checks without changing anything: also a failure where a migration is missing.
[[nodiscard]] base::Result<void> check_migrations(Connection& connection, std::span<const Migration> known);

}  // namespace sqlite
