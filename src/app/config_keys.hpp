// Every setting by name: the one table behind environment variables, flags, the configuration file, `messagingd config`
// and the example file. A setting NAME is the variable NAME, the flag --name and the file's key name, in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace app {

struct ConfigKey {
  std::string_view name;
  // Of the development profile; empty: none.
  std::string_view default_value;
  // What it is, with its unit.
  std::string_view help;
  // Must be given in the production profile.
  bool required_in_production = false;
  enum class Secrecy : std::uint8_t {
    none,
    may_hold_secret,  // an address that can name a password
    secret,           // no flag: everybody on the machine sees those
  } secrecy = Secrecy::none;

  // It can also be given as NAME_FILE, the path of a file that holds it.
  [[nodiscard]] constexpr bool has_file_form() const noexcept { return secrecy != Secrecy::none; }
};

[[nodiscard]] std::span<const ConfigKey> config_keys() noexcept;
[[nodiscard]] const ConfigKey* find_config_key(std::string_view name) noexcept;

}  // namespace app
