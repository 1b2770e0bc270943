// `messagingd doctor`: every invariant of the tables as a query that returns the rows that break it. Reads only, in one
// snapshot, beside a running server or without one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace sqlite {

struct DoctorCheck {
  enum class Severity : std::uint8_t {
    violation,  // the service relies on it
    note,       // what others than this service wrote; the service leaves it alone
  };
  std::string_view name;
  // What holds where the query returns nothing.
  std::string_view promise;
  // One text column: which row, and what is wrong with it.
  std::string_view sql;
  Severity severity = Severity::violation;
};

struct DoctorFinding {
  std::string check;
  std::string row;
  DoctorCheck::Severity severity = DoctorCheck::Severity::violation;

  bool operator==(const DoctorFinding&) const = default;
};

[[nodiscard]] std::span<const DoctorCheck> doctor_checks();

// At most `findings_per_check_max` of each check. Failure: the file cannot be opened or read, or has another schema.
inline constexpr std::size_t findings_per_check_max = 20;
[[nodiscard]] base::Result<std::vector<DoctorFinding>> run_doctor(const std::string& path);

}  // namespace sqlite
