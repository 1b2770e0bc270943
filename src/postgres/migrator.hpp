// Brings the schema of a database up to this binary's: one transaction for each migration, all under one advisory lock,
// so that of several nodes that start together one migrates and the others wait for it. Blocks; before anything else
// uses the database. The connection must be one session to the server: through a pooler that lends sessions by
// transaction, the lock holds nobody back.
//
// A binary's own version is that of the last migration it knows. It works with a schema of any version whose
// min_compatible is not above its own, so that a release can migrate while nodes of the one before still serve.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "postgres/blocking_connection.hpp"
#include "postgres/migrations.hpp"

namespace postgres {

// Applies what is missing of `known`. Failures, each a sentence that says what to do: the schema is newer and not
// compatible with `known`, an applied migration is another one than the known one of its version, a migration does not
// run (then the database is as it was before this one). Returns the names of those that were applied now.
[[nodiscard]] base::Result<std::vector<std::string>> apply_migrations(BlockingConnection& connection,
                                                                      std::span<const Migration> known);

// The same checks without changing anything: also a failure where a migration is missing.
[[nodiscard]] base::Result<void> check_schema(BlockingConnection& connection,
                                              std::span<const Migration> known = migrations());

}  // namespace postgres
