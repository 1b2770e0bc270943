// What is asked of a server in one round trip, and what it answers. Values.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/binary_parameters.hpp"
#include "postgres/binary_rows.hpp"

namespace postgres {

// A statement that every connection of a kind prepares when it is made. Both are literals or live as long.
struct Statement {
  std::string_view name;
  std::string_view sql;
};

// One execution of a prepared statement.
struct Call {
  std::string_view statement;
  Parameters parameters;
};

struct Failure {
  // The server's five characters; empty where the connection was lost before an answer came.
  std::string sqlstate;
  // For the log: the server's own sentence, without its details, which quote values.
  std::string detail;

  // The connection is gone or of no use any more, and what was asked may have been done.
  [[nodiscard]] bool is_loss() const noexcept;
  // It took the server longer than a statement may. Nothing was done.
  [[nodiscard]] bool is_timeout() const noexcept;
  // Others were in the way: the same again may succeed. Nothing was done.
  [[nodiscard]] bool is_conflict() const noexcept;
  // The server will not take these values, today or tomorrow. Nothing was done.
  [[nodiscard]] bool is_refusal() const noexcept;
};

// The rows of each call, in order.
using Answers = std::expected<std::vector<BinaryRows>, Failure>;
using AnswerHandler = std::move_only_function<void(Answers)>;

enum class Transaction : bool {
  // Each call for itself, in a snapshot of its own.
  none,
  // All or nothing; the answer comes when the commit is durable.
  committed,
};

}  // namespace postgres
