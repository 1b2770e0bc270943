// What the operator's commands do to a database, whichever it is. Called on the main thread, without a server in this
// process.
#pragma once

#include <span>
#include <vector>

#include "app/config.hpp"
#include "messaging/database.hpp"

namespace app {

[[nodiscard]] base::Result<messaging::MigrateReport> migrate_database(const Config& config, bool new_epoch);
[[nodiscard]] std::span<const messaging::DoctorCheck> doctor_checks(const Config& config);
[[nodiscard]] base::Result<std::vector<messaging::DoctorFinding>> run_doctor(const Config& config);

}  // namespace app
