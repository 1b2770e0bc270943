// The body of a POST, made safe to parse: padded for vector loads, and known to be UTF-8, which a WebSocket's text is
// by its own rules. Lives while the body's packets are delivered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engineio {

class PayloadText {
 public:
  explicit PayloadText(std::string body);

  // The packets; nothing where the body is no UTF-8 or has more than `packets_max`.
  [[nodiscard]] std::optional<std::vector<std::string_view>> split(std::size_t packets_max) const;

 private:
  std::string padded_;
  std::size_t size_;
};

}  // namespace engineio
