#include "redis/msgpack_reader.hpp"

#include <bit>

// States: reading -> failed, with the first malformed value; there every call fails.

namespace redis::msgpack {

using Type = Value::Type;

std::optional<Value> Reader::next() {
  if (has_failed_ || rest_.empty()) return fail();
  const auto first = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  if (first <= 0x7f) return Value{.type = Type::unsigned_integer, .natural = first};
  if (first <= 0x8f) return container(Type::map, first & 0x0f);
  if (first <= 0x9f) return container(Type::array, first & 0x0f);
  if (first <= 0xbf) return bytes(Type::string, first & 0x1f);
  if (first >= 0xe0) return Value{.type = Type::signed_integer, .integer = static_cast<std::int8_t>(first)};
  switch (first) {
    case 0xc0:
      return Value{};
    case 0xc2:
    case 0xc3:
      return Value{.type = Type::boolean, .boolean = first == 0xc3};
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return sized_bytes(Type::binary, std::size_t{1} << (first - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return sized_extension(std::size_t{1} << (first - 0xc7));
    case 0xca:
      return real(4);
    case 0xcb:
      return real(8);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return natural(std::size_t{1} << (first - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return integer(std::size_t{1} << (first - 0xd0));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(Type::fixed_extension, std::size_t{1} << (first - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return sized_bytes(Type::string, std::size_t{1} << (first - 0xd9));
    case 0xdc:
    case 0xdd:
      return sized_container(Type::array, first == 0xdc ? 2 : 4);
    case 0xde:
    case 0xdf:
      return sized_container(Type::map, first == 0xde ? 2 : 4);
    default:  // 0xc1, which the specification never uses
      return fail();
  }
}

// Counts what is still to come instead of descending: depth costs nothing.
bool Reader::skip() {
  for (std::uint64_t due = 1; due > 0; --due) {
    const auto value = next();
    if (!value) return false;
    due += value->is_map() ? 2 * std::uint64_t{value->size} : value->size;
  }
  return true;
}

std::optional<std::string_view> Reader::next_string() {
  const auto value = next();
  if (!value || !value->is_string()) return std::nullopt;
  return value->bytes;
}

std::optional<std::size_t> Reader::next_array() {
  const auto value = next();
  if (!value || !value->is_array()) return std::nullopt;
  return value->size;
}

std::optional<std::size_t> Reader::next_map() {
  const auto value = next();
  if (!value || !value->is_map()) return std::nullopt;
  return value->size;
}

std::optional<Value> Reader::fail() {
  has_failed_ = true;
  return std::nullopt;
}

std::optional<std::uint64_t> Reader::take_number(std::size_t bytes) {
  if (rest_.size() < bytes) return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : rest_.substr(0, bytes)) number = number << 8 | static_cast<unsigned char>(byte);
  rest_.remove_prefix(bytes);
  return number;
}

std::optional<Value> Reader::natural(std::size_t bytes) {
  const auto number = take_number(bytes);
  if (!number) return fail();
  return Value{.type = Type::unsigned_integer, .natural = *number};
}

std::optional<Value> Reader::integer(std::size_t bytes) {
  const auto number = take_number(bytes);
  if (!number) return fail();
  // The sign is the first of the bits that were sent.
  const auto unused_bits = 64 - 8 * bytes;
  return Value{.type = Type::signed_integer,
               .integer = static_cast<std::int64_t>(*number << unused_bits) >> unused_bits};
}

std::optional<Value> Reader::real(std::size_t bytes) {
  const auto bits = take_number(bytes);
  if (!bits) return fail();
  const double value =
      bytes == 4 ? double{std::bit_cast<float>(static_cast<std::uint32_t>(*bits))} : std::bit_cast<double>(*bits);
  return Value{.type = Type::real, .real = value};
}

std::optional<Value> Reader::sized_bytes(Type type, std::size_t size_bytes) {
  const auto size = take_number(size_bytes);
  return size ? bytes(type, *size) : fail();
}

std::optional<Value> Reader::sized_extension(std::size_t size_bytes) {
  const auto size = take_number(size_bytes);
  return size ? extension(Type::extension, *size) : fail();
}

std::optional<Value> Reader::sized_container(Type type, std::size_t size_bytes) {
  const auto size = take_number(size_bytes);
  return size ? container(type, *size) : fail();
}

std::optional<Value> Reader::bytes(Type type, std::size_t size) {
  if (size > rest_.size()) return fail();
  const auto content = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return Value{.type = type, .bytes = content};
}

std::optional<Value> Reader::extension(Type type, std::size_t size) {
  const auto number = take_number(1);
  if (!number) return fail();
  auto value = bytes(type, size);
  if (value) value->extension = static_cast<std::int8_t>(*number);
  return value;
}

// Each value takes a byte at least: a larger size is a lie.
std::optional<Value> Reader::container(Type type, std::size_t size) {
  const auto values = type == Type::map ? 2 * size : size;
  if (values > rest_.size()) return fail();
  return Value{.type = type, .size = size};
}

}  // namespace redis::msgpack
