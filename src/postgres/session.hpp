// How every session with the server is set up before it is used. Constants; any thread.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "postgres/exchange.hpp"

namespace postgres {

inline constexpr Statement begin_statement{"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"};
inline constexpr Statement commit_statement{"commit", "COMMIT"};
inline constexpr Statement rollback_statement{"rollback", "ROLLBACK"};

// The settings of a session as one string of statements. `operation_time_max`: after it nobody waits for an answer any
// more, so the server need not work for it either.
[[nodiscard]] std::string session_settings(base::milliseconds operation_time_max);

// What a session is for.
enum class Purpose : bool {
  reading,  // also of a server that takes no writes for a while; not of a standby, which is late
  writing,
};

// Returns one text column: a sentence for each reason why this binary must not work with the server or with the schema
// as it is now. Behind what check_server() and check_schema() looked at when the database was opened: servers fail
// over, settings change, and a newer release migrates. Prepared in every session.
[[nodiscard]] const Statement& faults_statement(Purpose purpose);

}  // namespace postgres
