// The keys of the shared register of sockets, and the form of what stands in them. Each command touches one of them, so
// that they may lie on different nodes of a Redis Cluster.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace redis {

class NodeKeys {
 public:
  explicit NodeKeys(std::string prefix) : prefix_(std::move(prefix)) {}

  // Set: the ids of all nodes that hold, or held, sockets.
  [[nodiscard]] std::string nodes() const { return prefix_ + ":nodes"; }
  // String that expires: there while the node lives.
  [[nodiscard]] std::string lease(std::string_view node) const { return of(node); }
  // Set: what the node holds, as SharedSocket::member().
  [[nodiscard]] std::string sockets(std::string_view node) const { return of(node) + ":sockets"; }
  // String that expires: who takes the dead node's sockets away.
  [[nodiscard]] std::string reaper(std::string_view node) const {
    return std::string(prefix_).append(":reap:").append(node);
  }

 private:
  [[nodiscard]] std::string of(std::string_view node) const {
    return std::string(prefix_).append(":node:").append(node);
  }

  std::string prefix_;
};

// The contract's key of a user's sockets, of all nodes.
[[nodiscard]] inline std::string user_sockets_key(std::string_view user) {
  return std::string("user:sockets:").append(user);
}

// A socket and whose it is. Neither holds a space.
struct SharedSocket {
  std::string_view socket;
  std::string_view user;

  [[nodiscard]] std::string member() const { return std::string(socket).append(" ").append(user); }
  // Views into `member`.
  [[nodiscard]] static std::optional<SharedSocket> parse(std::string_view member) {
    const auto space = member.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == member.size()) return std::nullopt;
    return SharedSocket{.socket = member.substr(0, space), .user = member.substr(space + 1)};
  }
};

}  // namespace redis
