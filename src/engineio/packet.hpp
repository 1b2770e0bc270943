// Engine.IO v4 packets and polling payloads, without I/O. Source: docs/engine.io-protocol/v4-current.md in
// socketio/socket.io.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/shared_bytes.hpp"

namespace engineio {

enum class PacketType : char {
  open = '0',
  close = '1',
  ping = '2',
  pong = '3',
  message = '4',
  upgrade = '5',
  noop = '6'
};

inline constexpr char record_separator = '\x1e';

// A packet that was received; `data` points into the input (or, for base64, into the decoder's scratch).
struct Packet {
  PacketType type = PacketType::noop;
  std::string_view data;
  bool is_binary = false;  // a binary message
};

// A message on its way out: encoded once as a WebSocket frame and shared by all its receivers, whatever their
// transport.
class OutboundMessage {
 public:
  OutboundMessage() = default;
  // Goes out as a text frame `4<text>`.
  [[nodiscard]] static OutboundMessage text(std::string_view text);
  // Goes out as a binary frame, on polling as `b<base64>`.
  [[nodiscard]] static OutboundMessage binary(std::string_view bytes);
  // Any other packet: `2`, `3probe`, `6` …
  [[nodiscard]] static OutboundMessage packet(PacketType type, std::string_view data = {});

  // The whole WebSocket frame.
  [[nodiscard]] const net::SharedBytes& frame() const noexcept { return frame_; }
  // Appends the packet as it stands in a polling payload.
  void append_to_payload(std::string& payload) const;
  [[nodiscard]] std::size_t payload_size() const noexcept;

 private:
  net::SharedBytes frame_;
  std::uint8_t header_size_ = 0;
  bool is_binary_ = false;
};

// One text frame, or one packet of a payload. Nothing for an empty one, an unknown type, or bad base64 behind `b`. Data
// from base64 lies in the scratch, with 64 readable bytes behind its end.
[[nodiscard]] std::optional<Packet> decode_packet(std::string_view text, std::string& base64_scratch);

// Splits a polling payload. At most `packets_max` packets.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_payload(std::string_view payload,
                                                                         std::size_t packets_max);

}  // namespace engineio
