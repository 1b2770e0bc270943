#include "postgres/migrator.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/random.hpp"
#include "postgres/postgres_database.hpp"
#include "postgres/server_check.hpp"
#include "postgres/service_state.hpp"

namespace postgres {
namespace {

using base::Errc;
using base::Result;

// Any number that no other user of the same database is likely to take: "messagin" in ASCII.
constexpr std::string_view lock_key = "7882833662174521710";

// How long the others wait for the node that migrates.
constexpr std::string_view lock_time_max = "10min";
// Within a migration: a statement that waits for a table holds up everybody who comes to that table after it.
constexpr std::string_view table_lock_time_max = "10s";

struct AppliedSchema {
  int version = 0;
  int min_compatible = 0;
};

std::string file_name(const Migration& migration) {
  return std::to_string(migration.version) + "_" + std::string(migration.name);
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// What was applied, once it is what this binary knows or can work with.
Result<AppliedSchema> applied_schema(BlockingConnection& connection, std::span<const Migration> known) {
  auto table = connection.query(R"(SELECT 1 WHERE to_regclass('"SchemaMigration"') IS NOT NULL)");
  if (!table) return base::forward(table);
  if (table->size() == 0) return AppliedSchema{};
  auto rows = connection.query(R"(SELECT version, "minCompatible", checksum FROM "SchemaMigration" ORDER BY version)");
  if (!rows) return base::forward(rows);
  AppliedSchema applied;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    applied = {.version = number(rows->text(row, 0)), .min_compatible = number(rows->text(row, 1))};
    const auto index = static_cast<std::size_t>(applied.version) - 1;
    if (index < known.size() && rows->text(row, 2) != known[index].checksum) {
      return base::fail(
          Errc::storage_unavailable,
          "the migration " + file_name(known[index]) +
              " was changed after it was applied to this database: run the messagingd that migrated it; a change of "
              "the schema needs a migration of its own");
    }
  }
  if (applied.min_compatible > static_cast<int>(known.size())) {
    return base::fail(Errc::storage_unavailable,
                      "the database's schema has version " + std::to_string(applied.version) +
                          " and needs a messagingd for version " + std::to_string(applied.min_compatible) +
                          " at least, this one is for version " + std::to_string(known.size()) +
                          ": run the messagingd that migrated it, or a newer one");
  }
  return applied;
}

// Throughout one transaction that the caller has begun, and ends.
Result<void> run(BlockingConnection& connection, const Migration& migration) {
  auto created = connection.execute(R"(CREATE TABLE IF NOT EXISTS "SchemaMigration" (
    "version"       INTEGER      NOT NULL,
    "name"          TEXT         NOT NULL,
    "checksum"      TEXT         NOT NULL,
    "minCompatible" INTEGER      NOT NULL,
    "appliedAt"     TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SchemaMigration_pkey" PRIMARY KEY ("version")
  ))");
  if (!created) return created;
  std::array<std::uint8_t, 32> key;
  base::fill_random(key);
  std::string hex;
  for (const auto byte : key) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  auto set = connection.query("SELECT set_config('messaging.new_key', $1, true)", {hex});
  if (!set) return base::forward(set);
  auto done = connection.execute(std::string(migration.sql));
  if (!done) return done;
  auto noted = connection.query(
      R"(INSERT INTO "SchemaMigration" ("version", "name", "checksum", "minCompatible") VALUES ($1, $2, $3, $4))",
      {std::to_string(migration.version), std::string(migration.name), std::string(migration.checksum),
       std::to_string(migration.min_compatible)});
  if (!noted) return base::forward(noted);
  return connection.execute("COMMIT");
}

Result<void> apply(BlockingConnection& connection, const Migration& migration) {
  auto begun = connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '" +
                                  std::string(table_lock_time_max) + "'");
  if (!begun) return begun;
  auto done = run(connection, migration);
  if (!done) {
    // Where the connection itself is gone the server rolls back, and there is nobody to tell.
    (void)connection.execute("ROLLBACK");
    return base::fail(Errc::storage_unavailable, "the migration " + file_name(migration) + " failed (" +
                                                     done.error().detail + "); the database is as it was before");
  }
  return done;
}

Result<std::vector<std::string>> apply_missing(BlockingConnection& connection, std::span<const Migration> known) {
  // Under the lock: another node may just have done it all.
  auto schema = applied_schema(connection, known);
  if (!schema) return base::forward(schema);
  std::vector<std::string> applied;
  const auto done = std::min(static_cast<std::size_t>(schema->version), known.size());
  for (const auto& migration : known.subspan(done)) {
    if (auto migrated = apply(connection, migration); !migrated) return base::forward(migrated);
    applied.push_back(file_name(migration));
  }
  return applied;
}

}  // namespace

Result<std::vector<std::string>> apply_migrations(BlockingConnection& connection, std::span<const Migration> known) {
  auto locked = connection.execute("SET lock_timeout = '" + std::string(lock_time_max) + "'; SELECT pg_advisory_lock(" +
                                   std::string(lock_key) + "); SET lock_timeout = DEFAULT");
  if (!locked) {
    return base::fail(Errc::storage_unavailable,
                      "the lock for migrating the database cannot be had (" + locked.error().detail + ")");
  }
  auto applied = apply_missing(connection, known);
  // A lost connection gives the lock back by itself.
  (void)connection.execute("SELECT pg_advisory_unlock(" + std::string(lock_key) + ")");
  return applied;
}

Result<void> check_schema(BlockingConnection& connection, std::span<const Migration> known) {
  auto schema = applied_schema(connection, known);
  if (!schema) return base::forward(schema);
  if (schema->version < static_cast<int>(known.size())) {
    return base::fail(Errc::storage_unavailable, "the database's schema has version " +
                                                     std::to_string(schema->version) +
                                                     ", this messagingd needs version " + std::to_string(known.size()) +
                                                     ": run `messagingd migrate` first");
  }
  return {};
}

Result<messaging::MigrateReport> migrate(const std::string& url, bool new_epoch) {
  auto connection = BlockingConnection::open(url);
  if (!connection) return base::forward(connection);
  if (auto fit = check_server(*connection); !fit) return base::forward(fit);
  auto applied = apply_migrations(*connection, migrations());
  if (!applied) return base::forward(applied);
  if (new_epoch) {
    if (auto advanced = advance_epoch(*connection); !advanced) return base::forward(advanced);
  }
  auto state = read_service_state(*connection);
  if (!state) return base::forward(state);
  return messaging::MigrateReport{.applied = *std::move(applied), .epoch = state->epoch};
}

}  // namespace postgres
