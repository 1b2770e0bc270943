#include "postgres/binary_rows.hpp"

#include <libpq-fe.h>

#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

#include "postgres/binary_parameters.hpp"

namespace postgres {
namespace {

template <std::integral T>
T number(std::string_view bytes) {
  T big_endian;
  std::memcpy(&big_endian, bytes.data(), sizeof(T));
  return std::byteswap(big_endian);
}

}  // namespace

BinaryRows::BinaryRows(pg_result* result) : result_(result) {}
void BinaryRows::Free::operator()(pg_result* result) const noexcept {
  ::PQclear(result);
}
int BinaryRows::size() const {
  return ::PQntuples(result_.get());
}

bool Row::is_null(int column) const {
  return ::PQgetisnull(result_, row_, column) != 0;
}

std::string_view Row::text(int column) const {
  return {::PQgetvalue(result_, row_, column), static_cast<std::size_t>(::PQgetlength(result_, row_, column))};
}

// A value of another size is of another type than the caller takes it for: reading it would read beyond it.
std::string_view Row::bytes(int column, std::size_t size) const {
  const auto found = text(column);
  if (found.size() != size) throw UnexpectedRow("a column has another type than expected");
  return found;
}

std::int32_t Row::int4(int column) const {
  return number<std::int32_t>(bytes(column, sizeof(std::int32_t)));
}
std::int64_t Row::int8(int column) const {
  return number<std::int64_t>(bytes(column, sizeof(std::int64_t)));
}
bool Row::boolean(int column) const {
  return bytes(column, 1).front() != '\0';
}
char Row::character(int column) const {
  return bytes(column, 1).front();
}

base::SystemTime Row::time(int column) const {
  return postgres_epoch + std::chrono::floor<base::milliseconds>(std::chrono::microseconds(int8(column)));
}

base::Uuid Row::uuid(int column) const {
  base::Uuid id;
  static_assert(std::is_trivially_copyable_v<base::Uuid> && sizeof id == 16);
  std::memcpy(&id, bytes(column, sizeof id).data(), sizeof id);
  return id;
}

base::UserId Row::user_id(int column) const {
  auto user = base::UserId::parse(text(column));
  if (!user) throw UnexpectedRow("a user id in the tables is none");
  return *std::move(user);
}

}  // namespace postgres
