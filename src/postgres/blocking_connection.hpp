// A connection to PostgreSQL that blocks its caller: for the migrator, the doctor and tests, beside the message's way.
// Texts in, texts out. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

struct pg_conn;
struct pg_result;

namespace postgres {

// What a statement returned, as text. The views live as long as the object.
class TextRows {
 public:
  explicit TextRows(pg_result* result);

  [[nodiscard]] std::size_t size() const;
  // Nothing for NULL.
  [[nodiscard]] std::optional<std::string_view> at(std::size_t row, int column) const;
  // Of a column that is never NULL, or where an empty text will do for it.
  [[nodiscard]] std::string_view text(std::size_t row, int column) const { return at(row, column).value_or(""); }
  // What the statement inserted, updated or deleted.
  [[nodiscard]] std::size_t affected() const;

 private:
  struct Free {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, Free> result_;
};

class BlockingConnection {
 public:
  // Failure: a sentence for the operator that names the server and never the password. Waits at most 5 s for the
  // server, unless the URL has a connect_timeout of its own. The session's time zone is UTC.
  [[nodiscard]] static base::Result<BlockingConnection> open(const std::string& url);

  // One statement with its parameters $1, $2 … as text. Failures of these are storage_unavailable with the server's own
  // sentence.
  base::Result<TextRows> query(const std::string& statement, const std::vector<std::string>& parameters = {});
  // Any number of statements, separated by semicolons: one transaction, unless they say otherwise.
  base::Result<void> execute(const std::string& statements);

 private:
  struct Close {
    void operator()(pg_conn* connection) const noexcept;
  };
  explicit BlockingConnection(pg_conn* connection);

  std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace postgres
