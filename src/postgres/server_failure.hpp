// libpq's reports as failures: one line, without what quotes values. Any thread.
#pragma once

#include "postgres/exchange.hpp"

struct pg_conn;
struct pg_result;

namespace postgres {

[[nodiscard]] Failure failure_of(const pg_result* result);
[[nodiscard]] Failure loss_of(const pg_conn* connection);

}  // namespace postgres
