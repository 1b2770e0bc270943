// One Engine.IO session as the layer above sees it: messages in both directions, whatever transport carries them.
// Lives on one IoThread, from the handshake to its close. Its thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engineio/packet.hpp"
#include "net/io_thread.hpp"

namespace engineio {

// The reference server's names for the ends of a session are in to_string().
enum class CloseReason : std::uint8_t {
  transport_close,  // the client closed, or its connection broke
  transport_error,  // the client broke the transport's protocol
  ping_timeout,
  parse_error,    // a packet that is none
  forced_close,   // close() by the layer above
  slow_consumer,  // the client did not read: the queue's hard limit
  server_shutdown,
};
[[nodiscard]] std::string_view to_string(CloseReason reason) noexcept;

// What is kept of the handshake request.
struct Handshake {
  std::string remote_address{};
  std::string authorization{};  // the header's value; may hold a secret, never logged
  std::string traceparent{};    // W3C trace context, "" where none came
  std::string origin{};
  bool has_websocket_transport = false;
};

class Session {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // `data` is good during the call, with 64 readable bytes behind its end.
    virtual void on_message(std::string_view data, bool is_binary) = 0;
    // The session is over: exactly once, and the last call.
    virtual void on_close(CloseReason reason) = 0;
    // The queue has fallen below the soft limit after it was above.
    virtual void on_drained() = 0;
  };

  virtual ~Session() = default;

  // Queues a message; never fails: what cannot be sent any more is dropped, and on_close() tells.
  virtual void send(const OutboundMessage& message) = 0;
  // False, and nothing queued, where the queue is above the soft limit.
  virtual bool send_volatile(const OutboundMessage& message) = 0;
  // Bytes that wait for the client.
  [[nodiscard]] virtual std::size_t queued_bytes() const noexcept = 0;
  [[nodiscard]] virtual bool is_above_soft_limit() const noexcept = 0;
  // Closes at transport level, after what is queued has been written where the client still reads: clients come back by
  // themselves. on_close() follows, not from within this call.
  virtual void close(CloseReason reason = CloseReason::forced_close) = 0;

  [[nodiscard]] virtual const std::string& id() const noexcept = 0;  // secret: whoever knows it can use the session
  [[nodiscard]] virtual const Handshake& handshake() const noexcept = 0;
  [[nodiscard]] virtual net::IoThread& thread() const noexcept = 0;
};

}  // namespace engineio
