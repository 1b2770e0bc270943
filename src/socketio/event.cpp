#include "socketio/event.hpp"

#include <algorithm>
#include <array>

#include "socketio/json.hpp"

namespace socketio {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::array<std::string_view, 6> reserved_names{"connect",       "connect_error", "disconnect",
                                                         "disconnecting", "newListener",   "removeListener"};

constexpr std::string_view whitespace = " \t\r\n";

// `{"_placeholder":true,"num":i}`, as the reference recognises one: other members do not matter.
bool is_placeholder(const simdjson::dom::object& object) {
  bool flag = false;
  return object["_placeholder"].get(flag) == simdjson::SUCCESS && flag;
}

bool has_valid_index(const simdjson::dom::object& placeholder, std::size_t attachments) {
  std::uint64_t index = 0;
  return placeholder["num"].get(index) == simdjson::SUCCESS && index < attachments;
}

// The recursion is as deep as the JSON, which the parser has bounded.
bool has_valid_placeholders(const element& value, std::size_t attachments) {
  if (value.is_array()) {
    return std::ranges::all_of(value.get_array().value_unsafe(),
                               [&](const element& item) { return has_valid_placeholders(item, attachments); });
  }
  if (!value.is_object()) return true;
  const auto object = value.get_object().value_unsafe();
  if (is_placeholder(object)) return has_valid_index(object, attachments);
  return std::ranges::all_of(object,
                             [&](const auto& member) { return has_valid_placeholders(member.value, attachments); });
}

// In a packet without attachments a placeholder is an object like any other.
bool has_valid_attachments(const element& root, std::size_t attachments) {
  return attachments == 0 || has_valid_placeholders(root, attachments);
}

bool is_name(const element& first) {
  switch (first.type()) {
    case element_type::STRING:
      return !is_reserved_event(first.get_string().value_unsafe());
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return true;
    default:
      return false;
  }
}

// The first element of a valid, non-empty array of scalars and more, as sent; a string with its quotes.
std::string_view raw_name(std::string_view json) {
  json.remove_prefix(json.find('[') + 1);
  json.remove_prefix(json.find_first_not_of(whitespace));
  if (json.front() != '"') return json.substr(0, json.find_first_of(",] \t\r\n"));
  std::size_t end = 1;
  while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return json.substr(0, end + 1);
}

}  // namespace

bool is_reserved_event(std::string_view name) noexcept {
  return std::ranges::find(reserved_names, name) != reserved_names.end();
}

bool is_valid_auth(std::string_view json) {
  const auto root = parse_json(json);
  return root && root->is_object();
}

std::optional<std::string_view> read_event_name(std::string_view json, std::size_t attachments, std::string& scratch) {
  const auto root = parse_json(json);
  if (!root || !root->is_array()) return std::nullopt;
  const auto array = root->get_array().value_unsafe();
  if (array.begin() == array.end()) return std::nullopt;
  const element first = *array.begin();
  if (!is_name(first) || !has_valid_attachments(*root, attachments)) return std::nullopt;

  const auto raw = raw_name(json);
  if (!first.is_string()) return raw;
  // The parser's own copy of the name goes with the next text that is parsed on this thread.
  const auto inner = raw.substr(1, raw.size() - 2);
  if (!inner.contains('\\')) return inner;
  scratch = first.get_string().value_unsafe();
  return scratch;
}

bool is_valid_ack(std::string_view json, std::size_t attachments) {
  const auto root = parse_json(json);
  return root && root->is_array() && has_valid_attachments(*root, attachments);
}

std::string_view raw_arguments(std::string_view json) {
  const auto name = raw_name(json);
  const auto behind_name = static_cast<std::size_t>(name.data() + name.size() - json.data());
  auto rest = json.substr(behind_name, json.rfind(']') - behind_name);
  rest.remove_prefix(std::min(rest.find_first_not_of(whitespace), rest.size()));
  if (rest.starts_with(',')) rest.remove_prefix(1);
  return rest;
}

}  // namespace socketio
