// One WebSocket connection (RFC 6455, server side, no extensions) on its IoThread: a thin loop of reads and writes
// around the codec of websocket_frame.hpp. Reads go into the thread's buffer, so an idle connection holds none.
// Lifetime: shared by its owner and its pending operations. Its thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "net/shared_bytes.hpp"

namespace net {

enum class CloseCause : std::uint8_t {
  peer_closed,     // close frame, end of stream or reset
  protocol_error,  // the peer broke RFC 6455: 1002, or 1007 for text that is no UTF-8
  too_large,       // a message beyond the limit: 1009
  too_slow,        // the peer did not read: the queue's hard limit
  closed_here,     // close() or abort()
};

class WebSocketStream {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // One whole message. `payload` is good during the call, with 64 readable bytes behind its end. Text has been
    // checked to be UTF-8.
    virtual void on_websocket_message(std::string_view payload, bool is_binary) = 0;
    // Nothing is read or sent any more. Exactly once, never from within a call into the stream.
    virtual void on_websocket_closed(CloseCause cause) = 0;
    // The queue has fallen below the soft limit after it was above.
    virtual void on_websocket_drained() = 0;
  };
  struct Limits {
    std::size_t message_bytes_max = 128 * 1024;
    // Of one message; many tiny ones are an attack (CVE-2026-48779).
    std::size_t fragments_max = 128;
    std::size_t queue_bytes_soft = 256 * 1024;
    // Above this the connection is closed at once.
    std::size_t queue_bytes_hard = 1024 * 1024;
  };

  virtual ~WebSocketStream() = default;

  // Begins to read. The handler outlives the stream's last call to it, which on_websocket_closed() is.
  virtual void start(Handler& handler, Limits limits) = 0;
  // Queues a whole frame as websocket_frame.hpp encodes it. What one turn sends leaves in one writev. Ignored once
  // closing.
  virtual void send(SharedBytes frame) = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const noexcept = 0;
  // Sends what is queued, then a close frame (code 0: without a code), and closes when the peer answers or after 1 s.
  virtual void close(std::uint16_t code) = 0;
  // Closes the TCP connection now.
  virtual void abort() = 0;
};

}  // namespace net
