// What a statement returned, in PostgreSQL's binary format. The rows own libpq's result and may be moved to another
// thread; views into them live as long as they do.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "base/ids.hpp"

struct pg_result;

namespace postgres {

// The tables hold what they cannot hold, or a statement returns what it should not: a bug, or a hand in the tables.
// Whoever decodes an answer turns it into a failed operation.
class UnexpectedRow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One row; a view. Columns count from 0 and must have the type that the function names.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int32_t int4(int column) const;
  [[nodiscard]] std::int64_t int8(int column) const;
  [[nodiscard]] bool boolean(int column) const;
  // Of the type "char".
  [[nodiscard]] char character(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] base::SystemTime time(int column) const;
  template <class Id>
  [[nodiscard]] Id id(int column) const {
    return Id{uuid(column)};
  }
  [[nodiscard]] base::UserId user_id(int column) const;

 private:
  [[nodiscard]] base::Uuid uuid(int column) const;
  [[nodiscard]] std::string_view bytes(int column, std::size_t size) const;

  const pg_result* result_;
  int row_;
};

class BinaryRows {
 public:
  BinaryRows() = default;
  explicit BinaryRows(pg_result* result);

  [[nodiscard]] int size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] Row operator[](int row) const { return {result_.get(), row}; }

 private:
  struct Free {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, Free> result_;
};

}  // namespace postgres
