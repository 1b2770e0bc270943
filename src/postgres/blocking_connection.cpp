#include "postgres/blocking_connection.hpp"

#include <libpq-fe.h>

#include "postgres/server_url.hpp"

namespace postgres {
namespace {

using base::Errc;
using base::Result;

// libpq's sentences have several lines, the later ones indented; the log wants one.
std::string one_line(std::string_view text) {
  std::string line;
  bool at_gap = false;
  for (const char c : text) {
    if (c == '\n' || c == '\t' || c == ' ') {
      at_gap = !line.empty();
      continue;
    }
    if (at_gap) line += ' ';
    at_gap = false;
    line += c;
  }
  return line;
}

std::string replaced(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  for (auto found = text.find(secret); found != text.npos; found = text.find(secret, found)) {
    text.replace(found, secret.size(), "***");
    found += 3;
  }
  return text;
}

std::string failure_of(const PGconn* connection) {
  const char* password = ::PQpass(connection);
  return replaced(one_line(::PQerrorMessage(connection)), password == nullptr ? "" : password);
}

bool succeeded(const PGresult* result) {
  const auto status = ::PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

// Notices ("table exists, skipping") would go to standard error.
void ignore_notice(void* /*context*/, const PGresult* /*notice*/) {}

}  // namespace

TextRows::TextRows(pg_result* result) : result_(result) {}
void TextRows::Free::operator()(pg_result* result) const noexcept {
  ::PQclear(result);
}

std::size_t TextRows::size() const {
  return static_cast<std::size_t>(::PQntuples(result_.get()));
}

std::optional<std::string_view> TextRows::at(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  if (::PQgetisnull(result_.get(), at, column) != 0) return std::nullopt;
  return std::string_view(::PQgetvalue(result_.get(), at, column),
                          static_cast<std::size_t>(::PQgetlength(result_.get(), at, column)));
}

std::size_t TextRows::affected() const {
  const std::string_view count = ::PQcmdTuples(result_.get());
  return count.empty() ? 0 : std::stoul(std::string(count));
}

BlockingConnection::BlockingConnection(pg_conn* connection) : connection_(connection) {}
void BlockingConnection::Close::operator()(pg_conn* connection) const noexcept {
  ::PQfinish(connection);
}

Result<BlockingConnection> BlockingConnection::open(const std::string& url) {
  if (auto readable = check_url(url); !readable) return base::forward(readable);
  // What comes before "dbname" can be said otherwise in the URL.
  const char* const keywords[] = {"connect_timeout", "fallback_application_name", "dbname", "client_encoding", nullptr};
  const char* const values[] = {"5", "messagingd", url.c_str(), "UTF8", nullptr};
  BlockingConnection opened(::PQconnectdbParams(keywords, values, /*expand_dbname=*/1));
  PGconn* connection = opened.connection_.get();
  if (::PQstatus(connection) != CONNECTION_OK) {
    return base::fail(Errc::storage_unavailable, "PostgreSQL cannot be reached: " + failure_of(connection));
  }
  ::PQsetNoticeReceiver(connection, ignore_notice, nullptr);
  if (auto set = opened.execute("SET TimeZone = 'UTC'"); !set) return base::forward(set);
  return opened;
}

Result<TextRows> BlockingConnection::query(const std::string& statement, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  PGresult* result = ::PQexecParams(connection_.get(), statement.c_str(), static_cast<int>(values.size()), nullptr,
                                    values.data(), nullptr, nullptr, /*resultFormat=*/0);
  TextRows rows(result);
  if (!succeeded(result)) return base::fail(Errc::storage_unavailable, failure_of(connection_.get()));
  return rows;
}

Result<void> BlockingConnection::execute(const std::string& statements) {
  PGresult* result = ::PQexec(connection_.get(), statements.c_str());
  const TextRows rows(result);
  if (!succeeded(result)) return base::fail(Errc::storage_unavailable, failure_of(connection_.get()));
  return {};
}

}  // namespace postgres
