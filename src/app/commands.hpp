// The command line: `messagingd [serve|token|migrate|doctor] [--setting value …]`. Speaks to a person: plain sentences
// on standard output, problems on standard error.
#pragma once

namespace app {

// Exit codes, as the contract names them (sysexits.h for the larger ones).
enum ExitCode : int {
  exit_good = 0,
  exit_violation = 1,     // doctor: an invariant does not hold
  exit_usage = 2,         // unknown command or argument
  exit_unavailable = 69,  // a port is taken, a needed service cannot be reached
  exit_internal = 70,
  exit_configuration = 78,
};

[[nodiscard]] int run(int argc, char** argv);

}  // namespace app
