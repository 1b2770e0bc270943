// Values on their way into PostgreSQL, in its binary format: what a prepared statement is given for $1, $2 …; no
// escaping, no parsing on either side. Source of the format: the send and receive functions of each type in the
// server's src/backend/utils/adt. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace postgres {

// The time 0 of PostgreSQL: 2000-01-01.
inline constexpr auto postgres_epoch = base::SystemTime(base::seconds(946'684'800));
// Above every time; PostgreSQL calls it 'infinity'.
inline constexpr base::SystemTime after_all_times = base::SystemTime::max();

[[nodiscard]] std::string to_binary(std::int32_t value);
[[nodiscard]] std::string to_binary(std::int64_t value);
[[nodiscard]] std::string to_binary(bool value);
[[nodiscard]] std::string to_binary(const base::Uuid& value);
[[nodiscard]] std::string to_binary(base::SystemTime value);
template <class Tag>
[[nodiscard]] std::string to_binary(const base::UuidOf<Tag>& value) {
  return to_binary(value.value);
}

// The parameters of one execution, $1 first. A text's binary form is its bytes.
using Parameters = std::vector<std::string>;

// The types of array elements, by the numbers that pg_type has for them.
enum class ElementType : std::int32_t {
  character = 18,
  int8 = 20,
  int4 = 23,
  text = 25,
  timestamp = 1114,
  uuid = 2950
};

// One array, element by element. The add functions must be those of its type.
class BinaryArray {
 public:
  explicit BinaryArray(ElementType type);

  void add_null();
  void add(char value);
  void add(std::int32_t value);
  void add(std::int64_t value);
  void add(std::string_view value);
  void add(const base::Uuid& value);
  void add(base::SystemTime value);

  // The parameter. The array is used up.
  [[nodiscard]] std::string take();

 private:
  void add_bytes(std::string_view bytes);

  std::string bytes_;
  std::int32_t size_ = 0;
  bool has_null_ = false;
};

}  // namespace postgres
