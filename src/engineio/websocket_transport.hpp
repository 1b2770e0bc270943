// A session's WebSocket, from the upgrade to the stream's last call, which may come up to a second after the session
// has ended. Its stream's thread only.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "engineio/packet.hpp"
#include "net/websocket_stream.hpp"

namespace engineio {

class WebSocketTransport final : private net::WebSocketStream::Handler {
 public:
  // Whom the WebSocket belongs to.
  class Receiver {
   public:
    virtual ~Receiver() = default;
    virtual void on_frame(WebSocketTransport& transport, std::string_view payload, bool is_binary) = 0;
    // The last call; the receiver may destroy the transport in it.
    virtual void on_stream_closed(WebSocketTransport& transport, net::CloseCause cause) = 0;
    virtual void on_stream_drained(WebSocketTransport& transport) = 0;
  };

  // Begins to read; the receiver is not called before the turn's end.
  [[nodiscard]] static std::unique_ptr<WebSocketTransport> start(std::shared_ptr<net::WebSocketStream> stream,
                                                                 const net::WebSocketStream::Limits& limits,
                                                                 Receiver& receiver);

  void send(const OutboundMessage& message) { stream_->send(message.frame()); }
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return stream_->queued_bytes(); }
  // Sends what is queued, then a close frame without a code, as the reference server does for every end of a session.
  void close() { stream_->close(0); }
  void set_receiver(Receiver& receiver) noexcept { receiver_ = &receiver; }

 private:
  WebSocketTransport(std::shared_ptr<net::WebSocketStream> stream, Receiver& receiver)
      : stream_(std::move(stream)), receiver_(&receiver) {}

  void on_websocket_message(std::string_view payload, bool is_binary) override;
  void on_websocket_closed(net::CloseCause cause) override;
  void on_websocket_drained() override;

  std::shared_ptr<net::WebSocketStream> stream_;
  Receiver* receiver_;
};

// The WebSockets of one thread that no session needs any more, until their streams have closed.
class ClosingWebSockets final : private WebSocketTransport::Receiver {
 public:
  // Closes it.
  void adopt(std::unique_ptr<WebSocketTransport> transport);
  // Closes a WebSocket that came for nothing.
  void refuse(std::shared_ptr<net::WebSocketStream> stream, const net::WebSocketStream::Limits& limits);

 private:
  void on_frame(WebSocketTransport& transport, std::string_view payload, bool is_binary) override;
  void on_stream_closed(WebSocketTransport& transport, net::CloseCause cause) override;
  void on_stream_drained(WebSocketTransport& transport) override;

  std::unordered_map<const WebSocketTransport*, std::unique_ptr<WebSocketTransport>> transports_;
};

}  // namespace engineio
