// Encodes commands as RESP arrays of bulk strings. Any thread.
#pragma once

#include <charconv>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace redis {

class RespCommand {
 public:
  // Appends to `out`; add() then `arguments` times.
  RespCommand(std::string& out, std::size_t arguments) : out_(out) { append_number('*', arguments); }

  RespCommand& add(std::string_view argument) {
    append_number('$', argument.size());
    out_.append(argument).append("\r\n");
    return *this;
  }

 private:
  void append_number(char prefix, std::size_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
    out_.append(1, prefix).append(digits, end).append("\r\n");
  }

  std::string& out_;
};

inline void append_command(std::string& out, std::initializer_list<std::string_view> arguments) {
  RespCommand command(out, arguments.size());
  for (const auto argument : arguments) command.add(argument);
}
[[nodiscard]] inline std::string encode_command(std::initializer_list<std::string_view> arguments) {
  std::size_t size = 16;
  for (const auto argument : arguments) size += argument.size() + 16;
  std::string out;
  out.reserve(size);
  append_command(out, arguments);
  return out;
}
[[nodiscard]] inline std::string encode_command(std::span<const std::string> arguments) {
  std::string out;
  RespCommand command(out, arguments.size());
  for (const auto& argument : arguments) command.add(argument);
  return out;
}

}  // namespace redis
