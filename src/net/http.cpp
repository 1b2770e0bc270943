#include "net/http.hpp"

#include <algorithm>
#include <optional>

#include "net/ascii.hpp"

namespace net {
namespace {

// The character that "%XX" at `at` stands for. Nothing for a malformed escape, and for "%00": no parameter of ours
// holds a NUL, and what would be cut at one elsewhere must not compare equal here.
std::optional<char> escaped_character(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const auto high = ascii::hex_digit(text[at + 1]);
  const auto low = ascii::hex_digit(text[at + 2]);
  if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto character = text[i] == '%' ? escaped_character(text, i) : std::nullopt;
    if (character) {
      out += *character;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(headers, [name](const Header& each) { return ascii::equal(each.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string RequestHead::query_parameter(std::string_view name) const {
  std::string value;
  for (std::string_view rest = query; !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto parameter = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = std::min(parameter.find('='), parameter.size());
    if (percent_decoded(parameter.substr(0, equals)) != name) continue;
    value = percent_decoded(parameter.substr(std::min(equals + 1, parameter.size())));
  }
  return value;
}

}  // namespace net
