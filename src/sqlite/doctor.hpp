// `messagingd doctor`: every invariant of the tables as a query that returns the rows that break it. Reads only, in one
// snapshot, beside a running server or without one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/database.hpp"

namespace sqlite {

using messaging::DoctorCheck;
using messaging::DoctorFinding;

[[nodiscard]] std::span<const DoctorCheck> doctor_checks();

// At most messaging::findings_per_check_max of each check. Failure: the file cannot be opened or read, or has another
// schema.
[[nodiscard]] base::Result<std::vector<DoctorFinding>> run_doctor(const std::string& path);

}  // namespace sqlite
