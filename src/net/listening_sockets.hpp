// Binds and listens: the sockets that a listener's threads accept from. No Asio; any thread, at start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "net/connection.hpp"

namespace net {

struct ListeningSockets {
  std::uint16_t port = 0;
  // For each thread one socket per address of the host, on the same port; non-blocking.
  std::vector<std::vector<UniqueFd>> by_thread{};
};

// `host`: an address or a name; all addresses of a name ("localhost": 127.0.0.1 and ::1) that exist on this machine are
// used. Port 0 takes a free one. The error: Errc::internal with a sentence.
[[nodiscard]] base::Result<ListeningSockets> open_listening_sockets(const std::string& host, std::uint16_t port,
                                                                    std::size_t thread_count);

}  // namespace net
