#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

#include "app/config.hpp"
#include "app/config_keys.hpp"

namespace app {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  return out;
}

bool is_known(std::string_view name) {
  if (find_config_key(name)) return true;
  if (!name.ends_with("_FILE")) return false;
  const auto* key = find_config_key(name.substr(0, name.size() - 5));
  return key && key->has_file_form();
}

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "on" : "off";
  if (const auto* list = node.as_array()) {
    std::string joined;
    for (const auto& each : *list) {
      if (!each.is_string()) return std::nullopt;
      if (!joined.empty()) joined += ',';
      joined += each.as_string()->get();
    }
    return joined;
  }
  return std::nullopt;
}

}  // namespace

ConfigValues environment_values() {
  ConfigValues values;
  const auto take = [&values](const std::string& name) {
    // The one place where the environment is read; it happens before any other thread exists.
    if (const char* value = std::getenv(name.c_str())) values.emplace(name, value);  // NOLINT(concurrency-mt-unsafe)
  };
  take("MESSAGING_CONFIG");
  for (const auto& key : config_keys()) {
    take(std::string(key.name));
    if (key.has_file_form()) take(std::string(key.name) + "_FILE");
  }
  return values;
}

ConfigValues file_values(const std::string& path, std::vector<std::string>& problems) {
  ConfigValues values;
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << "MESSAGING_CONFIG: " << path << ": " << error.description();
    if (error.source().begin) where << " (line " << error.source().begin.line << ")";
    problems.push_back(where.str());
    return values;
  }
  for (const auto& [key, node] : table) {
    const auto name = upper(key.str());
    if (!is_known(name)) {
      problems.push_back("MESSAGING_CONFIG: " + path + ": there is no setting '" + std::string(key.str()) +
                         "'; config/messaging.example.toml lists them all");
    } else if (auto text = scalar_text(node)) {
      values.insert_or_assign(name, std::move(*text));
    } else {
      problems.push_back("MESSAGING_CONFIG: " + path + ": '" + std::string(key.str()) +
                         "' must be a string, a whole number, a boolean or a list of strings");
    }
  }
  return values;
}

}  // namespace app
