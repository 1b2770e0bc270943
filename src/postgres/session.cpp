#include "postgres/session.hpp"

#include "postgres/migrations.hpp"
#include "postgres/server_check.hpp"

namespace postgres {

std::string session_settings(base::milliseconds operation_time_max) {
  const auto ms = [](base::milliseconds time) { return std::to_string(time.count()); };
  // A commit is acknowledged when it is durable, here and, where the server has synchronous standbys, as the server
  // says; also when the server's setting is changed later.
  std::string settings = R"(
    SELECT set_config('synchronous_commit',
                      CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,
                      false);
    SET client_encoding = 'UTF8';
    SET TimeZone = 'UTC';
    SET default_transaction_isolation = 'read committed';)";
  // Every statement goes by key, and is planned once: from the first day of an empty database on as for a full one.
  settings += R"(
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET enable_bitmapscan = off;
    SET max_parallel_workers_per_gather = 0;
    SET jit = off;)";
  // A lock that is not to be had in half the time may belong to a session that hangs: try again rather than hang, too.
  // A pipeline whose rest never arrived must not keep its locks.
  settings += "SET statement_timeout = " + ms(operation_time_max) + ";";
  settings += "SET lock_timeout = " + ms(operation_time_max / 2) + ";";
  settings += "SET idle_in_transaction_session_timeout = " + ms(operation_time_max);
  return settings;
}

const Statement& faults_statement(Purpose purpose) {
  static const std::string when_reading = std::string(compatibility_faults) + R"(
  UNION ALL
  SELECT 'the database''s schema was migrated to version ' || s.version || ', which needs a newer messagingd'
    FROM (SELECT version, "minCompatible" FROM "SchemaMigration" ORDER BY version DESC LIMIT 1) AS s
   WHERE s."minCompatible" > )" + std::to_string(migrations().size());
  static const std::string when_writing = std::string(durability_faults) + " UNION ALL " + when_reading;
  static const Statement reading{"faults", when_reading};
  static const Statement writing{"faults", when_writing};
  return purpose == Purpose::writing ? writing : reading;
}

}  // namespace postgres
