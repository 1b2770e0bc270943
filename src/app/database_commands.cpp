#include "app/database_commands.hpp"

#include "postgres/postgres_database.hpp"
#include "sqlite/doctor.hpp"
#include "sqlite/sqlite_database.hpp"

namespace app {

base::Result<messaging::MigrateReport> migrate_database(const Config& config, bool new_epoch) {
  if (const auto* server = std::get_if<PostgresServer>(&config.database)) {
    return postgres::migrate(server->url, new_epoch);
  }
  const base::SystemClock clock;
  return sqlite::migrate(std::get<SqliteFile>(config.database).path, clock, new_epoch);
}

std::span<const messaging::DoctorCheck> doctor_checks(const Config& config) {
  return std::holds_alternative<PostgresServer>(config.database) ? postgres::doctor_checks() : sqlite::doctor_checks();
}

base::Result<std::vector<messaging::DoctorFinding>> run_doctor(const Config& config) {
  if (const auto* server = std::get_if<PostgresServer>(&config.database)) return postgres::run_doctor(server->url);
  return sqlite::run_doctor(std::get<SqliteFile>(config.database).path);
}

}  // namespace app
