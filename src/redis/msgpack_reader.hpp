// Reading MessagePack that came from outside, one value after the other and without trusting any of it: sizes are held
// against the bytes that are there, so that a container costs no more than what was sent. Between the bus and the
// protocols of the cluster; a cursor over bytes that outlive it. Source:
// https://github.com/msgpack/msgpack/blob/master/spec.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace redis::msgpack {

struct Value {
  enum class Type : std::uint8_t {
    nil,
    boolean,
    signed_integer,
    unsigned_integer,  // those that were sent as such
    real,
    string,
    binary,
    extension,
    fixed_extension,  // in the forms whose size their first byte tells: Node's decoder knows others of the same types
    array,
    map
  };
  Type type = Type::nil;
  bool boolean = false;
  std::int64_t integer = 0;   // signed_integer
  std::uint64_t natural = 0;  // unsigned_integer
  double real = 0;            // real
  std::string_view bytes{};   // string (not checked for UTF-8), binary, extensions
  std::int8_t extension = 0;  // extensions: their type
  std::size_t size = 0;       // array: values that follow; map: pairs that follow

  [[nodiscard]] bool is_array() const noexcept { return type == Type::array; }
  [[nodiscard]] bool is_map() const noexcept { return type == Type::map; }
  [[nodiscard]] bool is_string() const noexcept { return type == Type::string; }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // The next value, of a container its header alone; nothing where the bytes are no MessagePack or end too early, then
  // and ever after.
  [[nodiscard]] std::optional<Value> next();
  // Over one whole value, however deep. False as above.
  [[nodiscard]] bool skip();
  [[nodiscard]] bool is_at_end() const noexcept { return rest_.empty(); }

  // For members of known types: nothing also where the next value is of another type.
  [[nodiscard]] std::optional<std::string_view> next_string();
  [[nodiscard]] std::optional<std::size_t> next_array();
  [[nodiscard]] std::optional<std::size_t> next_map();

 private:
  [[nodiscard]] std::optional<Value> fail();
  [[nodiscard]] std::optional<std::uint64_t> take_number(std::size_t bytes);
  [[nodiscard]] std::optional<Value> natural(std::size_t bytes);
  [[nodiscard]] std::optional<Value> integer(std::size_t bytes);
  [[nodiscard]] std::optional<Value> real(std::size_t bytes);
  // With a size of so many bytes before them.
  [[nodiscard]] std::optional<Value> sized_bytes(Value::Type type, std::size_t size_bytes);
  [[nodiscard]] std::optional<Value> sized_extension(std::size_t size_bytes);
  [[nodiscard]] std::optional<Value> sized_container(Value::Type type, std::size_t size_bytes);
  [[nodiscard]] std::optional<Value> bytes(Value::Type type, std::size_t size);
  [[nodiscard]] std::optional<Value> extension(Value::Type type, std::size_t size);
  [[nodiscard]] std::optional<Value> container(Value::Type type, std::size_t size);

  std::string_view rest_;
  bool has_failed_ = false;
};

}  // namespace redis::msgpack
