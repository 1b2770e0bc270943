#include "engineio/websocket_transport.hpp"

#include <utility>

namespace engineio {

std::unique_ptr<WebSocketTransport> WebSocketTransport::start(std::shared_ptr<net::WebSocketStream> stream,
                                                              const net::WebSocketStream::Limits& limits,
                                                              Receiver& receiver) {
  std::unique_ptr<WebSocketTransport> transport(new WebSocketTransport(std::move(stream), receiver));
  transport->stream_->start(*transport, limits);
  return transport;
}

void WebSocketTransport::on_websocket_message(std::string_view payload, bool is_binary) {
  receiver_->on_frame(*this, payload, is_binary);
}

void WebSocketTransport::on_websocket_closed(net::CloseCause cause) {
  receiver_->on_stream_closed(*this, cause);
}

void WebSocketTransport::on_websocket_drained() {
  receiver_->on_stream_drained(*this);
}

void ClosingWebSockets::adopt(std::unique_ptr<WebSocketTransport> transport) {
  WebSocketTransport& closing = *transport;
  transports_.emplace(&closing, std::move(transport));
  closing.set_receiver(*this);
  closing.close();
}

void ClosingWebSockets::refuse(std::shared_ptr<net::WebSocketStream> stream,
                               const net::WebSocketStream::Limits& limits) {
  adopt(WebSocketTransport::start(std::move(stream), limits, *this));
}

void ClosingWebSockets::on_frame(WebSocketTransport& /*transport*/, std::string_view /*payload*/, bool /*is_binary*/) {}

void ClosingWebSockets::on_stream_closed(WebSocketTransport& transport, net::CloseCause /*cause*/) {
  transports_.erase(&transport);
}

void ClosingWebSockets::on_stream_drained(WebSocketTransport& /*transport*/) {}

}  // namespace engineio
