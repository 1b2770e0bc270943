#include "path_switch.hpp"

#include <utility>

namespace conformance {

net::HttpHandler& PathSwitch::pick(const net::RequestHead& head) const noexcept {
  return head.path.starts_with(path_) ? below_ : rest_;
}

PathSwitch::Route PathSwitch::route(const net::RequestHead& head) {
  return pick(head).route(head);
}

void PathSwitch::handle(net::Request request, net::Exchange exchange) {
  auto& handler = pick(request.head);
  handler.handle(std::move(request), std::move(exchange));
}

void PathSwitch::on_body_too_large(const net::RequestHead& head, net::Exchange exchange) {
  pick(head).on_body_too_large(head, std::move(exchange));
}

std::unique_ptr<net::Response> PathSwitch::check_upgrade(const net::RequestHead& head) {
  return pick(head).check_upgrade(head);
}

void PathSwitch::on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) {
  auto& handler = pick(head);
  handler.on_websocket(std::move(head), std::move(stream));
}

}  // namespace conformance
