// Accepts TCP connections on one address, on every IoThread (SO_REUSEPORT), and speaks HTTP/1.1 on them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "net/http.hpp"
#include "net/io_thread.hpp"

namespace net {

struct ListenerOptions {
  std::string host = "127.0.0.1";
  // 0: any free port; port() tells which.
  std::uint16_t port = 0;
  // CIDR blocks whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies{};
  // For a request's header, and for its body.
  base::milliseconds header_timeout{10'000};
  base::milliseconds body_timeout{30'000};
  // How long a connection may wait for its next request.
  base::milliseconds keep_alive_timeout{60'000};
  std::size_t connections_max = 100'000;
};

class Listener {
 public:
  // Binds and listens; serving begins with start(). The error: Errc::internal with a sentence in `detail`
  // ("127.0.0.1:3000 is taken"). A port that another process listens on is found out although SO_REUSEPORT would hide
  // it.
  [[nodiscard]] static base::Result<std::unique_ptr<Listener>> open(ListenerOptions options,
                                                                    std::vector<IoThread*> threads,
                                                                    HttpHandler& handler);
  virtual ~Listener() = default;

  virtual void start() = 0;
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
  // Accepts no more; idle keep-alive connections are closed, requests under way may end. From any thread.
  virtual void stop_accepting() = 0;
  // Closes every connection that is left. From any thread.
  virtual void close_all() = 0;
};

}  // namespace net
