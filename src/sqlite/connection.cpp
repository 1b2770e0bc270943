#include "sqlite/connection.hpp"

#include <sqlite3.h>

namespace sqlite {
namespace {

// How long a statement waits for another process (an operator's sqlite3 shell) to end its transaction.
constexpr int busy_timeout_ms = 5'000;

// SQLite counts its memory under a process-wide mutex unless told not to: 7 % of a writer's time, for figures nobody
// reads. Once, before the first connection of the process.
void configure_sqlite() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
}

}  // namespace

bool StorageFailure::is_refusal() const noexcept {
  switch (code_ & 0xff) {  // The low byte is the primary code.
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

bool StorageFailure::is_corruption() const noexcept {
  return (code_ & 0xff) == SQLITE_CORRUPT || (code_ & 0xff) == SQLITE_NOTADB;
}

void Connection::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Connection::Connection(const std::string& path, Mode mode) {
  configure_sqlite();
  // No mutex of SQLite's own: a connection belongs to one thread.
  const int flags = SQLITE_OPEN_NOMUTEX | (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw StorageFailure(code, path + ": " + sqlite3_errstr(code));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

void Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw StorageFailure(sqlite3_extended_errcode(handle_.get()), sqlite3_errmsg(handle_.get()));
  }
}

void Connection::rollback() noexcept {
  // SQLite has rolled back by itself after some failures; then there is nothing to do.
  if (sqlite3_get_autocommit(handle_.get()) != 0) return;
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Connection::changes() const noexcept {
  return sqlite3_changes64(handle_.get());
}

}  // namespace sqlite
