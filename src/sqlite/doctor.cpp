#include "sqlite/doctor.hpp"

#include "sqlite/migrator.hpp"
#include "sqlite/statement.hpp"

namespace sqlite {
namespace {

void run_check(Connection& connection, const DoctorCheck& check, std::vector<DoctorFinding>& findings) {
  Statement select(connection, check.sql);
  Rows rows = select.query();
  for (std::size_t found = 0; found < messaging::findings_per_check_max && rows.next(); ++found) {
    findings.push_back(
        {.check = std::string(check.name), .row = std::string(rows.text(0)), .severity = check.severity});
  }
}

}  // namespace

base::Result<std::vector<DoctorFinding>> run_doctor(const std::string& path) {
  try {
    Connection connection(path, Connection::Mode::read_only);
    // One snapshot for all checks: between two of them a running server would change what they compare.
    connection.execute("BEGIN");
    if (auto known = check_migrations(connection, migrations()); !known) return base::forward(known);
    std::vector<DoctorFinding> findings;
    for (const auto& check : doctor_checks()) run_check(connection, check, findings);
    return findings;
  } catch (const StorageFailure& failure) {
    return base::fail(base::Errc::storage_unavailable, path + ": " + failure.what());
  }
}

}  // namespace sqlite
