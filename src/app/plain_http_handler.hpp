// An HttpHandler for pages that need neither bodies nor WebSockets: subclasses answer GET and HEAD.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "net/http.hpp"

namespace app {

[[nodiscard]] inline net::Response text_response(unsigned status, std::string body,
                                                 std::string content_type = "text/plain; charset=utf-8") {
  return {.status = status,
          .headers = {{"Content-Type", std::move(content_type)}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

class PlainHttpHandler : public net::HttpHandler {
 public:
  Route route(const net::RequestHead&) override { return {.thread = nullptr, .body_bytes_max = 0}; }

  void handle(net::Request request, net::Exchange exchange) override {
    const bool readable = request.head.method == net::Method::get || request.head.method == net::Method::head;
    exchange.respond(readable ? get(request.head) : text_response(405, "only GET and HEAD are answered here\n"));
  }
  void on_body_too_large(const net::RequestHead&, net::Exchange exchange) override {
    exchange.respond(text_response(413, "no body is accepted here\n"));
  }
  std::unique_ptr<net::Response> check_upgrade(const net::RequestHead&) override {
    return std::make_unique<net::Response>(text_response(400, "no WebSocket is served here\n"));
  }
  void on_websocket(net::RequestHead, std::shared_ptr<net::WebSocketStream>) override {
  }  // check_upgrade() refuses them all

 protected:
  // On any of the listener's threads.
  [[nodiscard]] virtual net::Response get(const net::RequestHead& head) = 0;
};

}  // namespace app
