// Takes settings out of the values that all sources together gave, and collects what is wrong with them. For the
// config*.cpp files alone; one thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace app {

class ConfigReader {
 public:
  ConfigReader(ConfigValues values, std::vector<std::string> problems)
      : values_(std::move(values)), problems_(std::move(problems)) {}

  void problem(std::string sentence) { problems_.push_back(std::move(sentence)); }
  [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

  // What was given, even if empty; nothing where the default holds.
  [[nodiscard]] std::optional<std::string> given(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  // Items without the blanks around them; empty ones are left out.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  // NAME, or what stands in the file of NAME_FILE without a last line end; nothing where neither was given.
  [[nodiscard]] std::optional<std::string> secret(const std::string& name);
  // As secret(), or the default.
  [[nodiscard]] std::string text_or_file(const std::string& name);

  // Each is a problem where the value is none, and then something harmless.
  template <class T>
  T number(std::string_view name, T low, T high) {
    const auto value = text(name);
    T parsed{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || parsed < low || parsed > high) {
      problem(std::string(name) + ": '" + value + "' is no whole number from " + std::to_string(low) + " to " +
              std::to_string(high));
      return low;
    }
    return parsed;
  }
  std::uint16_t port(std::string_view name) { return number<std::uint16_t>(name, 0, 65535); }
  base::milliseconds milliseconds(std::string_view name) {
    return base::milliseconds(number<std::int64_t>(name, 100, 600'000));
  }
  bool on_or_off(std::string_view name);

 private:
  ConfigValues values_;
  std::vector<std::string> problems_;
};

[[nodiscard]] bool is_loopback(std::string_view host);

// --- the parts of load_config()

// DATABASE_URL, REDIS_URL, CONNECTIONS_URL and what belongs to them.
void read_backends(ConfigReader& in, Config& config);

}  // namespace app
