#include "app/config_reader.hpp"

#include <fstream>
#include <iterator>

#include "app/config_keys.hpp"

namespace app {

std::optional<std::string> ConfigReader::given(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::string ConfigReader::text(std::string_view name) const {
  return given(name).value_or(std::string(find_config_key(name)->default_value));
}

std::vector<std::string> ConfigReader::list(std::string_view name) const {
  const auto value = text(name);
  std::string_view rest = value;
  std::vector<std::string> items;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto item = rest.substr(0, comma);
    const auto first = item.find_first_not_of(" \t");
    if (first != std::string_view::npos)
      items.emplace_back(item.substr(first, item.find_last_not_of(" \t") - first + 1));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return items;
}

std::optional<std::string> ConfigReader::secret(const std::string& name) {
  const auto direct = given(name);
  const auto file = given(name + "_FILE");
  if (direct && file) {
    problem(name + " and " + name + "_FILE are both set: set one");
    return std::nullopt;
  }
  if (!file) return direct;
  std::ifstream in(*file, std::ios::binary);
  std::string value{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) {
    problem(name + "_FILE: cannot read '" + *file + "'");
    return std::nullopt;
  }
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  return value;
}

std::string ConfigReader::text_or_file(const std::string& name) {
  return secret(name).value_or(std::string(find_config_key(name)->default_value));
}

bool ConfigReader::on_or_off(std::string_view name) {
  const auto value = text(name);
  if (value != "on" && value != "off") problem(std::string(name) + ": '" + value + "' is neither on nor off");
  return value == "on";
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace app
