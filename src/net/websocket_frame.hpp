// The frame codec of RFC 6455, section 5, server side, without I/O. Why our own:
// docs/decisions/0004-own-websocket-codec.md.
#pragma once

#include <array>
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

// Turns bytes from a client into messages and control frames. Feed it what was read; it unmasks in place, hands out
// whole messages that lie in one read without copying them, and keeps the rest. After an error, a close frame or a sink
// that said stop it accepts nothing more: feed() drops its input and returns the same error again.
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
  struct Head {
    Opcode opcode = Opcode::continuation;
    bool is_final = false;
    std::size_t size = 0;  // of the head itself, mask included
    std::size_t payload_bytes = 0;
    std::array<char, 4> mask{};
  };
  enum class HeadState : std::uint8_t { incomplete, complete, bad };

  HeadState read_head(std::string_view bytes, Head& head);
  [[nodiscard]] Error check_order(const Head& head) const;
  std::size_t read_in_place(char* bytes, std::size_t size, Sink& sink);
  std::size_t read_into_pending(const char* bytes, std::size_t size, Sink& sink);
  void deliver(const Head& head, char* payload, Sink& sink);
  void deliver_data(const Head& head, std::string_view payload, Sink& sink);
  void deliver_message(std::string_view payload, Opcode opcode, Sink& sink);
  void deliver_close(std::string_view payload, Sink& sink);
  HeadState fail(Error error);

  std::size_t message_bytes_max_;
  std::size_t fragments_max_;
  std::size_t fragments_ = 0;
  Opcode message_opcode_ = Opcode::continuation;  // of the fragmented message under way; continuation: none
  bool is_finished_ = false;
  Error error_ = Error::none;
  std::string pending_;  // the beginning of a frame
  std::string message_;  // the fragments so far
};

}  // namespace net::websocket
