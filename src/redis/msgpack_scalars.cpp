#include "redis/msgpack_scalars.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace redis::msgpack {
namespace {

constexpr std::int8_t timestamp_type = -1;
constexpr std::int8_t legacy_type = 0;
// A JavaScript Date holds a hundred million days on either side of 1970.
constexpr double date_ms_max = 8.64e15;

// Big-endian, at most 8 bytes.
std::uint64_t read_number(std::string_view bytes) noexcept {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

double to_ms(double seconds, std::uint64_t nanoseconds) noexcept {
  return seconds * 1e3 + static_cast<double>(nanoseconds) / 1e6;
}

// Milliseconds since 1970, with a fraction.
double date_ms(const Value& date) noexcept {
  if (date.extension == legacy_type) return static_cast<double>(static_cast<std::int64_t>(read_number(date.bytes)));
  switch (date.bytes.size()) {
    case 4:
      return to_ms(static_cast<double>(read_number(date.bytes)), 0);
    case 8: {
      // 30 bits of nanoseconds, 34 of seconds
      const auto number = read_number(date.bytes);
      return to_ms(static_cast<double>(number & 0x3'ffff'ffff), number >> 34);
    }
    default: {
      const auto seconds = static_cast<std::int64_t>(read_number(date.bytes.substr(4)));
      return to_ms(static_cast<double>(seconds), read_number(date.bytes.substr(0, 4)));
    }
  }
}

// At least so many digits.
void append_digits(std::string& out, std::uint64_t value, std::size_t digits) {
  std::array<char, 20> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const auto length = static_cast<std::size_t>(end - text.data());
  if (length < digits) out.append(digits - length, '0');
  out.append(text.data(), length);
}

// Four digits for the years that have no more, else a sign and six.
void append_year(std::string& out, int year) {
  if (year >= 0 && year <= 9999) return append_digits(out, static_cast<std::uint64_t>(year), 4);
  out += year < 0 ? '-' : '+';
  append_digits(out, static_cast<std::uint64_t>(std::abs(year)), 6);
}

// chrono's own year ends at 32767, and a Date's at 275760: whole cycles of the calendar are taken off before and put
// back after.
struct CivilDate {
  int year;
  unsigned month;
  unsigned day;
};
CivilDate to_civil(std::int64_t days) {
  constexpr std::int64_t cycle_days = 146'097;
  constexpr int cycle_years = 400;
  auto cycles = days / cycle_days;
  if (days % cycle_days < 0) --cycles;
  const std::chrono::sys_days within(std::chrono::days(days - cycles * cycle_days));
  const std::chrono::year_month_day date(within);
  return {.year = static_cast<int>(date.year()) + static_cast<int>(cycles) * cycle_years,
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day())};
}

void append_time_of_day(std::string& out, std::uint64_t ms) {
  append_digits(out, ms / 3'600'000, 2);
  out += ':';
  append_digits(out, ms / 60'000 % 60, 2);
  out += ':';
  append_digits(out, ms / 1'000 % 60, 2);
  out += '.';
  append_digits(out, ms % 1'000, 3);
}

template <class Number>
void append_chars(std::string& out, Number value) {
  std::array<char, 32> text;  // the shortest form of a double has 24
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

}  // namespace

void append_json_number(std::string& out, const Value& value) {
  switch (value.type) {
    case Value::Type::signed_integer:
      return append_chars(out, value.integer);
    case Value::Type::unsigned_integer:
      return append_chars(out, value.natural);
    default:
      if (!std::isfinite(value.real)) {
        out += "null";
      } else {
        append_chars(out, value.real);
      }
  }
}

bool is_date(const Value& extension) noexcept {
  const auto size = extension.bytes.size();
  const bool is_fixed = extension.type == Value::Type::fixed_extension;
  if (extension.extension == legacy_type) return is_fixed && size == 8;
  if (extension.extension != timestamp_type) return false;
  return is_fixed ? size == 4 || size == 8 : size == 12;
}

void append_date(std::string& out, const Value& extension) {
  const double exact_ms = std::trunc(date_ms(extension));
  if (!(std::abs(exact_ms) <= date_ms_max)) {
    out += "null";
    return;
  }
  constexpr std::int64_t day_ms = 86'400'000;
  const auto ms = static_cast<std::int64_t>(exact_ms);
  auto days = ms / day_ms;
  if (ms % day_ms < 0) --days;
  const auto date = to_civil(days);
  out += '"';
  append_year(out, date.year);
  out += '-';
  append_digits(out, date.month, 2);
  out += '-';
  append_digits(out, date.day, 2);
  out += 'T';
  append_time_of_day(out, static_cast<std::uint64_t>(ms - days * day_ms));
  out += "Z\"";
}

}  // namespace redis::msgpack
