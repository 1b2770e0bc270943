// Socket.IO v5 packets, without I/O. Source: docs/socket.io-protocol/v5-current.md in socketio/socket.io.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/packet.hpp"

namespace socketio {

enum class PacketType : char {
  connect = '0',
  disconnect = '1',
  event = '2',
  ack = '3',
  connect_error = '4',
  binary_event = '5',
  binary_ack = '6',
};

// The reference parser's limit since 4.2.6: without one, a header could announce attachments for ever (CVE-2026-33151).
// Its clients close the connection on a packet that announces more.
inline constexpr std::size_t attachments_max = 10;

// Chosen by whoever asks for the ack: at most 15 digits are accepted, so that JavaScript peers keep it exact.
using AckId = std::uint64_t;

// What stands before the JSON: `<type>[<n>-][<nsp>,][<ackId>]`. The views point into the input.
struct Packet {
  PacketType type = PacketType::event;
  std::uint8_t attachments = 0;  // binary types only, 1–10
  std::string_view nsp = "/";
  std::optional<AckId> ack_id{};
  std::string_view json{};  // as sent; empty where there is none; not validated yet
};

// Nothing where the header is malformed: the connection is to be closed.
[[nodiscard]] std::optional<Packet> decode_packet(std::string_view text);

// `[<nsp>,]` is left out for "/". `json` goes out as it is.
[[nodiscard]] engineio::OutboundMessage encode_packet(PacketType type, std::string_view nsp,
                                                      std::optional<AckId> ack_id, std::string_view json,
                                                      std::size_t attachments = 0);

// An EVENT or, with attachments (at most attachments_max, and placeholders for them in `json`), a BINARY_EVENT with
// what follows it.
[[nodiscard]] std::vector<engineio::OutboundMessage> encode_event(std::string_view nsp, std::optional<AckId> ack_id,
                                                                  std::string_view json,
                                                                  const std::vector<std::string>& attachments);

}  // namespace socketio
