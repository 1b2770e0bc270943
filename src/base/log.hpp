// Events for operators: one JSON object a line on standard error, {"time","level","event",…keys}. A fixed event name,
// then keys and bounded values; never message content, tokens or secrets (the marker test searches the output for
// them). Any thread; lines are written by a thread of the log's own, and the oldest waiting line is dropped when 8192
// are waiting.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace base::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };

// Strings are escaped and cut at 256 bytes: what clients send may stand in a value, but cannot forge a line.
class Value {
 public:
  Value(std::string_view text) : text_(text), kind_(Kind::text) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(bool value) : number_(value ? 1 : 0), kind_(Kind::boolean) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value) : number_(static_cast<std::int64_t>(value)), kind_(Kind::integer) {}

  void append_to(std::string& line) const;

 private:
  enum class Kind : std::uint8_t { text, integer, boolean };
  std::string_view text_{};
  std::int64_t number_ = 0;
  Kind kind_;
};

struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

// Once, before the first line; until then lines go nowhere.
void start(Level level);
// Writes out what is waiting and stops the writing thread.
void stop();
[[nodiscard]] bool enabled(Level level) noexcept;

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  write(Level::info, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
  write(Level::warn, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace base::log
