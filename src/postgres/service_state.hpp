// The one row of "ServiceState": the database's epoch and the key behind private ids, offsets and cursors. Read when
// the database is opened. Blocks.
#pragma once

#include "messaging/repositories.hpp"
#include "postgres/blocking_connection.hpp"

namespace postgres {

[[nodiscard]] base::Result<messaging::ServiceState> read_service_state(BlockingConnection& connection);

// Makes all offsets, cursors and private ids of before invalid: after a restore, positions count from an older head.
[[nodiscard]] base::Result<void> advance_epoch(BlockingConnection& connection);

}  // namespace postgres
