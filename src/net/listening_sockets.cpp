#include "net/listening_sockets.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace net {
namespace {

// Connections that the kernel completes ahead of accept(); it cuts the figure to net.core.somaxconn.
constexpr int backlog = 4096;

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;

  void set_port(std::uint16_t port) {
    // The port lies at the same place in sockaddr_in and sockaddr_in6.
    const std::uint16_t network_order = htons(port);
    std::memcpy(reinterpret_cast<char*>(&address) + offsetof(sockaddr_in, sin_port), &network_order,
                sizeof(network_order));
  }
};

std::string named(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

base::Result<std::vector<Endpoint>> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); failure != 0) {
    return base::fail(base::Errc::internal, "no address for host '" + host + "': " + ::gai_strerror(failure));
  }
  std::vector<Endpoint> endpoints;
  for (const auto* each = found; each; each = each->ai_next) {
    Endpoint endpoint{.length = each->ai_addrlen};
    std::memcpy(&endpoint.address, each->ai_addr, each->ai_addrlen);
    const bool is_known = std::ranges::any_of(endpoints, [&](const Endpoint& other) {
      return std::memcmp(&other.address, &endpoint.address, sizeof(endpoint.address)) == 0;
    });
    if (!is_known) endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  return endpoints;
}

enum class Sharing : std::uint8_t { alone, among_threads };

// Empty on failure, with errno set.
UniqueFd bind_and_listen(const Endpoint& endpoint, Sharing sharing) {
  UniqueFd fd(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  constexpr int on = 1;
  // Connections of an earlier process in TIME_WAIT do not hold the port.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (sharing == Sharing::among_threads) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (endpoint.address.ss_family == AF_INET6) {
    // "::" serves IPv4, too, as in other servers; a single IPv6 address is itself alone.
    sockaddr_in6 v6{};
    std::memcpy(&v6, &endpoint.address, sizeof(v6));
    const int v6_only = IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) ? 0 : 1;
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
  }
  const auto* const address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::bind(fd.get(), address, endpoint.length) == 0 && ::listen(fd.get(), backlog) == 0) return fd;
  const int error = errno;
  fd = UniqueFd();
  errno = error;
  return {};
}

std::uint16_t port_of(const UniqueFd& fd) {
  sockaddr_in6 address{};
  socklen_t length = sizeof(address);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin6_port);
}

base::Error describe(const std::string& host, std::uint16_t port, int error) {
  const auto where = named(host, port);
  if (error == EADDRINUSE) return {.detail = where + " is taken"};
  return {.detail = "cannot listen on " + where + ": " + std::generic_category().message(error)};
}

}  // namespace

base::Result<ListeningSockets> open_listening_sockets(const std::string& host, std::uint16_t port,
                                                      std::size_t thread_count) {
  auto endpoints = resolve(host);
  if (!endpoints) return base::forward(endpoints);
  ListeningSockets sockets{.port = port};
  sockets.by_thread.resize(thread_count);
  int last_error = EADDRNOTAVAIL;
  bool is_listening = false;
  for (auto& endpoint : *endpoints) {
    endpoint.set_port(sockets.port);
    {
      // With SO_REUSEPORT alone, a second process of the same user would silently get half of the connections.
      const auto probe = bind_and_listen(endpoint, Sharing::alone);
      if (!probe) {
        last_error = errno;
        // A name may have an address that this machine does not: ::1 in a container without IPv6.
        if (last_error == EADDRNOTAVAIL || last_error == EAFNOSUPPORT) continue;
        return std::unexpected(describe(host, sockets.port, last_error));
      }
      if (sockets.port == 0) sockets.port = port_of(probe);
    }
    endpoint.set_port(sockets.port);
    for (auto& of_thread : sockets.by_thread) {
      auto fd = bind_and_listen(endpoint, Sharing::among_threads);
      if (!fd) return std::unexpected(describe(host, sockets.port, errno));
      of_thread.push_back(std::move(fd));
    }
    is_listening = true;
  }
  if (!is_listening) return std::unexpected(describe(host, sockets.port, last_error));
  return sockets;
}

}  // namespace net
