// Two HTTP handlers behind one listener: the first serves what lies below its path, the second the rest. On the
// listener's threads.
#pragma once

#include <string>

#include "net/http.hpp"
#include "net/websocket_stream.hpp"

namespace conformance {

class PathSwitch final : public net::HttpHandler {
 public:
  PathSwitch(std::string path, net::HttpHandler& below, net::HttpHandler& rest)
      : path_(std::move(path)), below_(below), rest_(rest) {}

  Route route(const net::RequestHead& head) override;
  void handle(net::Request request, net::Exchange exchange) override;
  void on_body_too_large(const net::RequestHead& head, net::Exchange exchange) override;
  std::unique_ptr<net::Response> check_upgrade(const net::RequestHead& head) override;
  void on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) override;

 private:
  [[nodiscard]] net::HttpHandler& pick(const net::RequestHead& head) const noexcept;

  std::string path_;
  net::HttpHandler& below_;
  net::HttpHandler& rest_;
};

}  // namespace conformance
