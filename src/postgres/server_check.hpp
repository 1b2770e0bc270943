// What the server must promise before anything is acknowledged: that a COMMIT which returned has been synced, that it
// can be written to, and that texts come back byte for byte. Looked at for each new connection.
#pragma once

#include <string_view>

#include "postgres/blocking_connection.hpp"

namespace postgres {

// Both return one text column, a sentence for the operator for each promise that is not kept, and no row where all are.

// What writing relies on. full_page_writes is not asked for: on file systems without torn writes, off is safe.
inline constexpr std::string_view durability_faults = R"(
  SELECT 'the server runs with fsync=off: a crash loses or damages what was acknowledged'
   WHERE current_setting('fsync') = 'off'
  UNION ALL
  SELECT 'the server runs with synchronous_commit=off: a crash loses what was acknowledged'
   WHERE current_setting('synchronous_commit') = 'off'
  UNION ALL
  SELECT 'the database can only be read: it is a standby, or default_transaction_read_only is on'
   WHERE current_setting('transaction_read_only') = 'on')";
// What everything relies on.
inline constexpr std::string_view compatibility_faults = R"(
  SELECT 'the server is a standby: what it shows is late'
   WHERE pg_is_in_recovery()
  UNION ALL
  SELECT 'the database''s encoding is ' || current_setting('server_encoding') || ': it must be UTF8'
   WHERE current_setting('server_encoding') <> 'UTF8'
  UNION ALL
  SELECT 'the server is PostgreSQL ' || current_setting('server_version') || ': it must be 13 or newer'
   WHERE current_setting('server_version_num')::int < 130000)";

// All faults of both in one sentence.
[[nodiscard]] base::Result<void> check_server(BlockingConnection& connection);

}  // namespace postgres
