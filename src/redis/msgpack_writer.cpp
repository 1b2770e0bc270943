#include "redis/msgpack_writer.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace redis::msgpack {
namespace {

// Up to here the first byte holds the size as well.
constexpr std::size_t fixed_string_max = 31;
constexpr std::size_t fixed_container_max = 15;
// From here on a double is not exact to the integer, and goes out as what it is.
constexpr double exact_integer_max = 9007199254740992.0;  // 2^53

// The first byte of each form, by the number of bytes that follow it: 1, 2, 4 (a size, an integer).
struct Forms {
  unsigned char with_8;
  unsigned char with_16;
  unsigned char with_32;
};
constexpr Forms string_forms{0xd9, 0xda, 0xdb};
constexpr Forms binary_forms{0xc4, 0xc5, 0xc6};

void append_byte(std::string& out, std::uint64_t byte) {
  out += static_cast<char>(static_cast<unsigned char>(byte));
}

// The first byte and a big-endian number of `bytes` bytes.
void append_form(std::string& out, unsigned char first, std::uint64_t number, std::size_t bytes) {
  std::array<char, 9> buffer;
  buffer[0] = static_cast<char>(first);
  for (std::size_t i = bytes; i > 0; --i, number >>= 8) {
    buffer[i] = static_cast<char>(static_cast<unsigned char>(number & 0xff));
  }
  out.append(buffer.data(), bytes + 1);
}

void append_size(std::string& out, std::size_t size, Forms forms) {
  if (size <= 0xff) return append_form(out, forms.with_8, size, 1);
  if (size <= 0xffff) return append_form(out, forms.with_16, size, 2);
  append_form(out, forms.with_32, size, 4);
}

void append_container_header(std::string& out, std::size_t size, unsigned char fixed, unsigned char with_16) {
  if (size <= fixed_container_max) return append_byte(out, fixed | size);
  if (size <= 0xffff) return append_form(out, with_16, size, 2);
  append_form(out, with_16 + 1, size, 4);
}

}  // namespace

void append_nil(std::string& out) {
  append_byte(out, 0xc0);
}

void append_bool(std::string& out, bool value) {
  append_byte(out, value ? 0xc3 : 0xc2);
}

void append_uint(std::string& out, std::uint64_t value) {
  if (value <= 0x7f) return append_byte(out, value);
  if (value <= 0xff) return append_form(out, 0xcc, value, 1);
  if (value <= 0xffff) return append_form(out, 0xcd, value, 2);
  if (value <= 0xffff'ffff) return append_form(out, 0xce, value, 4);
  append_form(out, 0xcf, value, 8);
}

void append_int(std::string& out, std::int64_t value) {
  if (value >= 0) return append_uint(out, static_cast<std::uint64_t>(value));
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= -0x20) return append_byte(out, bits & 0xff);
  if (value >= -0x80) return append_form(out, 0xd0, bits, 1);
  if (value >= -0x8000) return append_form(out, 0xd1, bits, 2);
  if (value >= -0x8000'0000LL) return append_form(out, 0xd2, bits, 4);
  append_form(out, 0xd3, bits, 8);
}

void append_number(std::string& out, double value) {
  if (std::abs(value) <= exact_integer_max && std::trunc(value) == value) {
    return append_int(out, static_cast<std::int64_t>(value));
  }
  append_form(out, 0xcb, std::bit_cast<std::uint64_t>(value), 8);
}

void append_string(std::string& out, std::string_view text) {
  if (text.size() <= fixed_string_max) {
    append_byte(out, 0xa0 | text.size());
  } else {
    append_size(out, text.size(), string_forms);
  }
  out += text;
}

void append_binary(std::string& out, std::string_view bytes) {
  append_size(out, bytes.size(), binary_forms);
  out += bytes;
}

void append_array_header(std::string& out, std::size_t size) {
  append_container_header(out, size, 0x90, 0xdc);
}

void append_map_header(std::string& out, std::size_t size) {
  append_container_header(out, size, 0x80, 0xde);
}

}  // namespace redis::msgpack
