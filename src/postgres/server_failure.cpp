#include "postgres/server_failure.hpp"

#include <libpq-fe.h>

namespace postgres {

Failure failure_of(const pg_result* result) {
  const char* sqlstate = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* sentence = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return {.sqlstate = sqlstate == nullptr ? "" : sqlstate,
          .detail = sentence == nullptr ? "the connection to PostgreSQL was lost" : sentence};
}

Failure loss_of(const pg_conn* connection) {
  // The lines behind the first give advice, or tell of other hosts.
  const std::string_view lines = ::PQerrorMessage(connection);
  const auto first = lines.substr(0, lines.find('\n'));
  return {.sqlstate = {}, .detail = std::string(first.empty() ? "the connection to PostgreSQL was lost" : first)};
}

}  // namespace postgres
