// The frame codec of RFC 6455, section 5, server side, without I/O. Why our own: docs/decisions/0004-own-websocket-codec.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/shared_bytes.hpp"

namespace net::websocket {

enum class Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xa };

// The header of an unmasked, final frame. At most 10 bytes.
void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_bytes);
[[nodiscard]] std::size_t frame_header_size(std::size_t payload_bytes) noexcept;
[[nodiscard]] SharedBytes encode_frame(Opcode opcode, std::string_view payload);

// Turns bytes from a client into messages and control frames. Feed it what was read; it unmasks in place, hands out whole messages
// that lie in one read without copying them, and keeps the rest. After an error it accepts nothing more.
class FrameReader {
 public:
  enum class Error : std::uint8_t { none, protocol, invalid_utf8, too_large };

  class Sink {
   public:
    virtual ~Sink() = default;
    // False stops reading: the rest of the input is dropped.
    virtual bool on_message(std::string_view payload, bool is_binary) = 0;
    virtual bool on_ping(std::string_view payload) = 0;
    virtual bool on_pong() = 0;
    virtual bool on_close(std::uint16_t code) = 0;  // 1005 where the frame had none
  };

  FrameReader(std::size_t message_bytes_max, std::size_t fragments_max)
      : message_bytes_max_(message_bytes_max), fragments_max_(fragments_max) {}

  // `bytes` are changed (unmasked) and must have 64 readable bytes behind their end.
  [[nodiscard]] Error feed(char* bytes, std::size_t size, Sink& sink);
  // Held between calls: incomplete frames and messages.
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return pending_.size() + message_.size(); }

 private:
  std::size_t message_bytes_max_;
  std::size_t fragments_max_;
  std::size_t fragments_ = 0;
  Opcode message_opcode_ = Opcode::continuation;  // of the fragmented message under way; continuation: none
  bool failed_ = false;
  std::string pending_;  // the beginning of a frame
  std::string message_;  // the fragments so far
};

}  // namespace net::websocket
