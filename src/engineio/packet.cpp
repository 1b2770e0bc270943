#include "engineio/packet.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "net/websocket_frame.hpp"

namespace engineio {
namespace {

constexpr char binary_prefix = 'b';
// Decoded data is handed to parsers that read whole vectors past its end.
constexpr std::size_t readable_behind = 64;

net::SharedBytes make_frame(net::websocket::Opcode opcode, std::string_view prefix, std::string_view data) {
  std::string head;  // 10 bytes of header and the packet's type fit into the string itself
  net::websocket::append_frame_header(head, opcode, prefix.size() + data.size());
  head += prefix;
  return net::SharedBytes(head, data);
}

}  // namespace

OutboundMessage OutboundMessage::text(std::string_view text) {
  return packet(PacketType::message, text);
}

OutboundMessage OutboundMessage::packet(PacketType type, std::string_view data) {
  const char prefix = static_cast<char>(type);
  OutboundMessage message;
  message.frame_ = make_frame(net::websocket::Opcode::text, {&prefix, 1}, data);
  message.header_size_ = static_cast<std::uint8_t>(message.frame_.size() - data.size() - 1);
  return message;
}

OutboundMessage OutboundMessage::binary(std::string_view bytes) {
  OutboundMessage message;
  message.frame_ = make_frame(net::websocket::Opcode::binary, {}, bytes);
  message.header_size_ = static_cast<std::uint8_t>(message.frame_.size() - bytes.size());
  message.is_binary_ = true;
  return message;
}

void OutboundMessage::append_to_payload(std::string& payload) const {
  const std::string_view data = frame_.view().substr(header_size_);
  if (is_binary_) {
    payload += binary_prefix;
    base::append_base64(payload, data);
  } else {
    payload += data;
  }
}

std::size_t OutboundMessage::payload_size() const noexcept {
  const std::size_t bytes = frame_.size() - header_size_;
  return is_binary_ ? 1 + base::base64_length(bytes) : bytes;
}

std::optional<Packet> decode_packet(std::string_view text, std::string& base64_scratch) {
  if (text.empty()) return std::nullopt;
  const char type = text.front();
  text.remove_prefix(1);
  if (type == binary_prefix) {
    auto decoded = base::decode_base64(text);
    if (!decoded) return std::nullopt;
    base64_scratch = std::move(*decoded);
    base64_scratch.reserve(base64_scratch.size() + readable_behind);
    return Packet{.type = PacketType::message, .data = base64_scratch, .is_binary = true};
  }
  if (type < '0' || type > '6') return std::nullopt;
  return Packet{.type = static_cast<PacketType>(type), .data = text};
}

std::optional<std::vector<std::string_view>> split_payload(std::string_view payload, std::size_t packets_max) {
  const auto packets = static_cast<std::size_t>(std::ranges::count(payload, record_separator)) + 1;
  if (packets > packets_max) return std::nullopt;
  std::vector<std::string_view> parts;
  parts.reserve(packets);
  for (;;) {
    const std::size_t end = payload.find(record_separator);
    parts.push_back(payload.substr(0, end));
    if (end == std::string_view::npos) return parts;
    payload.remove_prefix(end + 1);
  }
}

}  // namespace engineio
