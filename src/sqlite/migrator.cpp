#include "sqlite/migrator.hpp"

#include <sqlite3.h>

#include "base/random.hpp"
#include "sqlite/statement.hpp"

namespace sqlite {
namespace {

using base::Errc;
using base::Result;

// random_bytes(n) for the migrations: SQLite's own randomblob() makes no promise that keys could be built on.
void random_bytes(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
  const int size = sqlite3_value_int(arguments[0]);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size > 0 ? size : 0));
  base::fill_random(bytes);
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

bool has_table(Connection& connection, std::string_view name) {
  Statement find(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1");
  return find.query(name).next();
}

std::string file_name(const Migration& migration) {
  return std::to_string(migration.version) + "_" + std::string(migration.name);
}

// The database's version, once everything that was applied is what this binary knows.
Result<int> applied_version(Connection& connection, std::span<const Migration> known) {
  if (!has_table(connection, "SchemaMigration")) return 0;
  Statement select(connection, R"(SELECT version, checksum FROM "SchemaMigration" ORDER BY version)");
  Rows rows = select.query();
  int version = 0;
  while (rows.next()) {
    version = static_cast<int>(rows.integer(0));
    const auto index = static_cast<std::size_t>(version) - 1;
    if (index >= known.size()) {
      return base::fail(Errc::storage_unavailable, "the database's schema has version " + std::to_string(version) +
                                                       ", this messagingd knows versions up to " +
                                                       std::to_string(known.size()) +
                                                       ": run the messagingd that migrated it, or a newer one");
    }
    if (rows.text(1) != known[index].checksum) {
      return base::fail(
          Errc::storage_unavailable,
          "the migration " + file_name(known[index]) +
              " was changed after it was applied to this database: run the messagingd that migrated it; a change of "
              "the schema needs a migration of its own");
    }
  }
  return version;
}

void apply(Connection& connection, const Migration& migration, const base::Clock& clock) {
  connection.execute("BEGIN IMMEDIATE");
  connection.execute(R"(CREATE TABLE IF NOT EXISTS "SchemaMigration" (
                          version     INTEGER  NOT NULL PRIMARY KEY,
                          name        TEXT     NOT NULL,
                          checksum    TEXT     NOT NULL,
                          "appliedAt" DATETIME NOT NULL))");
  connection.execute(std::string(migration.sql));
  Statement(connection,
            R"(INSERT INTO "SchemaMigration" (version, name, checksum, "appliedAt") VALUES (?1, ?2, ?3, ?4))")
      .run(migration.version, migration.name, migration.checksum, clock.system_now());
  connection.execute("COMMIT");
}

}  // namespace

Result<std::vector<std::string>> apply_migrations(Connection& connection, std::span<const Migration> known,
                                                  const base::Clock& clock) {
  auto version = applied_version(connection, known);
  if (!version) return base::forward(version);
  sqlite3_create_function(connection.handle(), "random_bytes", 1, SQLITE_UTF8, nullptr, random_bytes, nullptr, nullptr);
  std::vector<std::string> applied;
  for (const auto& migration : known.subspan(static_cast<std::size_t>(*version))) {
    try {
      apply(connection, migration, clock);
    } catch (const StorageFailure& failure) {
      connection.rollback();
      return base::fail(Errc::storage_unavailable, "the migration " + file_name(migration) + " failed (" +
                                                       failure.what() + "); the database is as it was before");
    }
    applied.push_back(file_name(migration));
  }
  return applied;
}

Result<void> check_migrations(Connection& connection, std::span<const Migration> known) {
  auto version = applied_version(connection, known);
  if (!version) return base::forward(version);
  if (static_cast<std::size_t>(*version) < known.size()) {
    return base::fail(Errc::storage_unavailable, "the database's schema has version " + std::to_string(*version) +
                                                     ", this messagingd needs version " + std::to_string(known.size()) +
                                                     ": run `messagingd migrate` first");
  }
  return {};
}

}  // namespace sqlite
