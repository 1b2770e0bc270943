// A prepared statement, its parameters and its rows: a thin layer over sqlite3_stmt. Prepared once by whoever owns the
// connection, on whose thread it is used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "sqlite/connection.hpp"

struct sqlite3_stmt;

namespace sqlite {

// The rows of one execution. Ends it when it goes: one at a time for each Statement, which outlives it.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // Moves to the next row, the first time to the first one. False behind the last. Throws StorageFailure.
  [[nodiscard]] bool next();

  // Columns of the current row, from 0.
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  // Good until next(). Also for blobs.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] base::SystemTime time(int column) const noexcept {
    return base::SystemTime(base::milliseconds(integer(column)));
  }
  // Throws StorageFailure (corruption) where the column is no UUID.
  template <class Id>
  [[nodiscard]] Id uuid(int column) const {
    const auto id = Id::parse(text(column));
    if (!id) throw_malformed(column);
    return *id;
  }
  // Throws StorageFailure (corruption) where the column is no user id.
  [[nodiscard]] base::UserId user_id(int column) const;

 private:
  [[noreturn]] void throw_malformed(int column) const;

  sqlite3_stmt* statement_;
};

class Statement {
 public:
  // Throws StorageFailure.
  Statement(Connection& connection, std::string_view sql);

  // Binds the parameters ?1, ?2 … in order. The values are copied.
  template <class... Values>
  [[nodiscard]] Rows query(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Rows(statement_.get());
  }
  // The same for a statement without rows. Throws StorageFailure.
  template <class... Values>
  void run(const Values&... values) {
    Rows rows = query(values...);
    static_cast<void>(rows.next());
  }

 private:
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, bool value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, const base::UserId& value) { bind(index, std::string_view(value.str())); }
  void bind(int index, base::SystemTime value) { bind(index, std::int64_t{value.time_since_epoch().count()}); }
  void bind(int index, const base::Uuid& value);
  template <class Tag>
  void bind(int index, const base::UuidOf<Tag>& value) {
    bind(index, value.value);
  }
  // Nothing is NULL.
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind_null(index);
  }
  void bind_null(int index);
  void check(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace sqlite
