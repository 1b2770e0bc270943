#include "postgres/binary_parameters.hpp"

#include <bit>
#include <concepts>
#include <cstring>
#include <limits>

namespace postgres {
namespace {

// Dimensions, "has NULLs", element type, size, lower bound; each of four bytes.
constexpr std::size_t header_bytes = 20;
constexpr std::size_t flags_at = 4;
constexpr std::size_t size_at = 12;

template <std::integral T>
void append(std::string& out, T value) {
  const T big_endian = std::byteswap(value);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &big_endian, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <std::integral T>
void overwrite(std::string& out, std::size_t at, T value) {
  const T big_endian = std::byteswap(value);
  std::memcpy(out.data() + at, &big_endian, sizeof(T));
}

template <std::integral T>
std::string binary(T value) {
  std::string bytes;
  append(bytes, value);
  return bytes;
}

static_assert(std::endian::native == std::endian::little);

}  // namespace

std::string to_binary(std::int32_t value) {
  return binary(value);
}
std::string to_binary(std::int64_t value) {
  return binary(value);
}
std::string to_binary(bool value) {
  return std::string(1, value ? '\1' : '\0');
}
std::string to_binary(const base::Uuid& value) {
  return std::string(value.bytes().begin(), value.bytes().end());
}
std::string to_binary(base::SystemTime value) {
  if (value == after_all_times) return binary(std::numeric_limits<std::int64_t>::max());
  return binary(std::int64_t{std::chrono::microseconds(value - postgres_epoch).count()});
}

BinaryArray::BinaryArray(ElementType type) : bytes_(header_bytes, '\0') {
  constexpr std::int32_t dimensions = 1;
  constexpr std::int32_t lower_bound = 1;
  overwrite(bytes_, 0, dimensions);
  overwrite(bytes_, flags_at + 4, static_cast<std::int32_t>(type));
  overwrite(bytes_, size_at + 4, lower_bound);
}

void BinaryArray::add_bytes(std::string_view bytes) {
  append(bytes_, static_cast<std::int32_t>(bytes.size()));
  bytes_ += bytes;
  ++size_;
}

void BinaryArray::add_null() {
  append(bytes_, std::int32_t{-1});
  has_null_ = true;
  ++size_;
}

void BinaryArray::add(char value) {
  add_bytes({&value, 1});
}
void BinaryArray::add(std::int32_t value) {
  append(bytes_, std::int32_t{sizeof(value)});
  append(bytes_, value);
  ++size_;
}
void BinaryArray::add(std::int64_t value) {
  append(bytes_, std::int32_t{sizeof(value)});
  append(bytes_, value);
  ++size_;
}
void BinaryArray::add(std::string_view value) {
  add_bytes(value);
}
void BinaryArray::add(const base::Uuid& value) {
  add_bytes(to_binary(value));
}
void BinaryArray::add(base::SystemTime value) {
  add_bytes(to_binary(value));
}

std::string BinaryArray::take() {
  overwrite(bytes_, flags_at, std::int32_t{has_null_ ? 1 : 0});
  overwrite(bytes_, size_at, size_);
  return std::move(bytes_);
}

}  // namespace postgres
