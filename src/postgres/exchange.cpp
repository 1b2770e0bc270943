#include "postgres/exchange.hpp"

namespace postgres {

// The classes are those of PostgreSQL's Appendix A.

bool Failure::is_loss() const noexcept {
  // 08: connection exception. 57P01–57P03: an administrator, a crash or a start ends the session. 25006: the server has
  // become a standby; a new connection finds the one that can write. 0A000, 26000: a migration changed what a prepared
  // statement returns, or a statement is gone; a new connection prepares them again.
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P0") || sqlstate == "25006" ||
         sqlstate == "0A000" || sqlstate == "26000";
}

bool Failure::is_timeout() const noexcept {
  return sqlstate == "57014";
}

bool Failure::is_conflict() const noexcept {
  // 40: serialization failure, deadlock. 55P03: a lock was not to be had in time.
  return sqlstate.starts_with("40") || sqlstate == "55P03";
}

bool Failure::is_refusal() const noexcept {
  // 22: data exception (text that is no UTF-8). 23: a constraint. 54: a limit of the program.
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
}

}  // namespace postgres
