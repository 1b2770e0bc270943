#include "sqlite/statement.hpp"

#include <sqlite3.h>

namespace sqlite {
namespace {

[[noreturn]] void throw_failure(sqlite3* handle) {
  throw StorageFailure(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle));
}

}  // namespace

// --- rows

Rows::~Rows() {
  sqlite3_reset(statement_);
}

bool Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw_failure(sqlite3_db_handle(statement_));
}

bool Rows::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Rows::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Rows::text(int column) const noexcept {
  // The pointer first: it may convert the value, which changes the length.
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int length = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(length)};
}

base::UserId Rows::user_id(int column) const {
  auto id = base::UserId::parse(text(column));
  if (!id) throw_malformed(column);
  return *std::move(id);
}

void Rows::throw_malformed(int column) const {
  throw StorageFailure(SQLITE_CORRUPT,
                       std::string("a malformed identifier in the column ") + sqlite3_column_name(statement_, column));
}

// --- statement

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw_failure(connection.handle());
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL.
  const char* bytes = value.data() != nullptr ? value.data() : "";
  check(sqlite3_bind_text64(statement_.get(), index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, const base::Uuid& value) {
  bind(index, std::string_view(value.to_string()));
}

void Statement::bind_null(int index) {
  check(sqlite3_bind_null(statement_.get(), index));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw_failure(sqlite3_db_handle(statement_.get()));
}

}  // namespace sqlite
