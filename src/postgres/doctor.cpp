#include "postgres/blocking_connection.hpp"
#include "postgres/migrator.hpp"
#include "postgres/postgres_database.hpp"

namespace postgres {
namespace {

using base::Result;
using messaging::DoctorCheck;
using messaging::DoctorFinding;

Result<void> run_check(BlockingConnection& connection, const DoctorCheck& check, std::vector<DoctorFinding>& findings) {
  auto rows = connection.query("SELECT * FROM (" + std::string(check.sql) + ") AS broken LIMIT " +
                               std::to_string(messaging::findings_per_check_max));
  if (!rows) {
    return base::fail(rows.error().code, "the check " + std::string(check.name) + ": " + rows.error().detail);
  }
  for (std::size_t row = 0; row < rows->size(); ++row) {
    findings.push_back(
        {.check = std::string(check.name), .row = std::string(rows->text(row, 0)), .severity = check.severity});
  }
  return {};
}

}  // namespace

Result<std::vector<DoctorFinding>> run_doctor(const std::string& url) {
  auto connection = BlockingConnection::open(url);
  if (!connection) return base::forward(connection);
  // One snapshot for all checks: between two of them a running server would change what they compare. The large sorts
  // of a large database go through temporary files: it is no hurry, and the memory is the server's.
  auto begun = connection->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (!begun) return base::forward(begun);
  if (auto known = check_schema(*connection); !known) return base::forward(known);
  std::vector<DoctorFinding> findings;
  for (const auto& check : doctor_checks()) {
    if (auto run = run_check(*connection, check, findings); !run) return base::forward(run);
  }
  return findings;
}

}  // namespace postgres
