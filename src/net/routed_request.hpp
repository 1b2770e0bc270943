// A request whose head has been read, and whose thread and limit its handler has named: what travels when that thread
// is another one.
#pragma once

#include <cstddef>
#include <memory>

#include "net/http_service.hpp"
#include "net/request_parser.hpp"
#include "net/websocket_handshake.hpp"

namespace net {

struct RoutedRequest {
  std::unique_ptr<RequestParser> parser{};
  RequestHead head{};
  websocket::Upgrade upgrade = websocket::Upgrade::none;
  std::size_t body_bytes_max = 0;
  // Serves the request; null: the thread that read it.
  IoThread* thread = nullptr;
};

// `parser` has read a whole head, from a connection of `peer`.
[[nodiscard]] inline RoutedRequest route(std::unique_ptr<RequestParser> parser, const SharedHttpService& service,
                                         const IpAddress& peer) {
  RoutedRequest request{.parser = std::move(parser)};
  request.head = request.parser->take_head();
  request.head.remote_address = service.trusted_proxies.client_address(peer, request.head);
  request.upgrade = websocket::examine_upgrade(request.head, request.parser->is_http_1_1());
  request.head.is_websocket_upgrade = request.upgrade == websocket::Upgrade::valid;
  const auto route = service.handler.route(request.head);
  request.body_bytes_max = route.body_bytes_max;
  request.thread = route.thread;
  return request;
}

}  // namespace net
