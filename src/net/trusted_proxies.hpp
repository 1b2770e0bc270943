// Whose X-Forwarded-For is believed, and what follows from it: the address that limits per client count by. Immutable;
// any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "net/http.hpp"

namespace net {

// IPv6; an IPv4 address in its mapped form (::ffff:a.b.c.d), so that both compare alike.
using IpAddress = std::array<std::uint8_t, 16>;

[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);
// IPv4 addresses in their own form.
[[nodiscard]] std::string to_string(const IpAddress& address);

class TrustedProxies {
 public:
  TrustedProxies() = default;
  // CIDR blocks ("10.0.0.0/8", "fd00::/8") or single addresses.
  [[nodiscard]] static base::Result<TrustedProxies> parse(const std::vector<std::string>& blocks);

  // The nearest address that is no trusted proxy, seen from the peer backwards; each hop believes only what a trusted
  // one wrote.
  [[nodiscard]] std::string client_address(const IpAddress& peer, const RequestHead& head) const;

 private:
  struct Block {
    IpAddress prefix{};
    unsigned bits = 0;
  };

  [[nodiscard]] bool contains(const IpAddress& address) const;

  std::vector<Block> blocks_;
};

}  // namespace net
