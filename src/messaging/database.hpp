// The port to a database as a whole: the repositories over one store, and the end of it. Implemented by
// sqlite::SqliteDatabase and postgres::PostgresDatabase; what both report to the operator's commands stands here too.
// Opened before the application listens, stopped after its last request, destroyed before its executors.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/repositories.hpp"

namespace messaging {

class Database {
 public:
  virtual ~Database() = default;

  [[nodiscard]] virtual IMessageRepository& messages() noexcept = 0;
  [[nodiscard]] virtual IConversationRepository& conversations() noexcept = 0;
  [[nodiscard]] virtual IFeedRepository& feeds() noexcept = 0;
  [[nodiscard]] virtual ServiceState service_state() const noexcept = 0;

  // Why this node should get no traffic because of the database; empty: it can. Any thread.
  [[nodiscard]] virtual std::string trouble() const { return {}; }

  // Commits what is queued, answers what was asked, refuses what comes later. Blocks until then, some milliseconds as a
  // rule; callers are resumed on their executors, which must still run. A second call does nothing. From a thread that
  // is no executor.
  virtual void stop() = 0;
};

struct MigrateReport {
  // Names of the migrations that were applied now, in order.
  std::vector<std::string> applied;
  std::int64_t epoch = 0;
};

// An invariant of the tables as a query that returns the rows that break it.
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

// Of each check, so that a broken database does not fill the screen.
inline constexpr std::size_t findings_per_check_max = 20;

}  // namespace messaging
