#include "net/trusted_proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "net/ascii.hpp"

namespace net {
namespace {

constexpr std::size_t mapped_prefix_bytes = 12;
constexpr unsigned address_bits = 128;
constexpr IpAddress mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_ipv4(const IpAddress& address) {
  return std::equal(address.begin(), address.begin() + mapped_prefix_bytes, mapped_prefix.begin());
}

// Proxies write "1.2.3.4", "1.2.3.4:567", "::1", "[::1]" or "[::1]:567".
std::optional<IpAddress> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return parse_ip_address(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return parse_ip_address(text);
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::string terminated(text);
  IpAddress address = mapped_prefix;
  // inet_pton stops at a NUL; what lies behind it would be ignored.
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  if (::inet_pton(AF_INET, terminated.c_str(), address.data() + mapped_prefix_bytes) == 1) return address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_ipv4(address)) {
    ::inet_ntop(AF_INET, address.data() + mapped_prefix_bytes, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

base::Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& blocks) {
  TrustedProxies proxies;
  for (const auto& text : blocks) {
    const auto slash = std::min(text.find('/'), text.size());
    const auto prefix = parse_ip_address(std::string_view(text).substr(0, slash));
    if (!prefix) return base::fail(base::Errc::internal, "not a CIDR block: " + text);
    const unsigned own_bits = is_ipv4(*prefix) ? 32 : address_bits;
    unsigned bits = own_bits;
    if (slash < text.size()) {
      const auto* const end = text.data() + text.size();
      const auto [stopped, failure] = std::from_chars(text.data() + slash + 1, end, bits);
      if (failure != std::errc() || stopped != end || bits > own_bits) {
        return base::fail(base::Errc::internal, "not a CIDR block: " + text);
      }
    }
    proxies.blocks_.push_back({*prefix, address_bits - own_bits + bits});
  }
  return proxies;
}

bool TrustedProxies::contains(const IpAddress& address) const {
  return std::ranges::any_of(blocks_, [&](const Block& block) {
    const auto whole = block.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, block.prefix.begin())) return false;
    const auto rest = block.bits % 8;
    return rest == 0 || (address[whole] ^ block.prefix[whole]) >> (8 - rest) == 0;
  });
}

std::string TrustedProxies::client_address(const IpAddress& peer, const RequestHead& head) const {
  IpAddress nearest = peer;
  // Several headers of the name are one list (RFC 9110, section 5.3), read here from its end.
  for (const auto& header : std::views::reverse(head.headers)) {
    if (!ascii::equal(header.name, "x-forwarded-for")) continue;
    for (std::string_view hops = header.value; !hops.empty();) {
      if (!contains(nearest)) return to_string(nearest);
      const auto hop = parse_hop(ascii::take_last(hops));
      // A trusted proxy that writes something else ("unknown") hides its client: the proxy is all that is known.
      if (!hop) return to_string(nearest);
      nearest = *hop;
    }
  }
  return to_string(nearest);
}

}  // namespace net
