#include "socketio/packet.hpp"

#include <array>
#include <charconv>

namespace socketio {
namespace {

// The largest power of ten below 2^53: JavaScript peers keep every smaller integer exact.
constexpr std::size_t ack_digits_max = 15;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_binary(PacketType type) noexcept {
  return type == PacketType::binary_event || type == PacketType::binary_ack;
}

// The number of leading decimal digits.
std::size_t count_digits(std::string_view text) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits;
}

// `<n>-`, with n as JavaScript would print it: no sign, no exponent, no leading zero.
bool read_attachments(std::string_view& rest, std::uint8_t& attachments) {
  const auto digits = count_digits(rest);
  if (digits == 0 || digits > 2 || digits == rest.size()) return false;
  if (rest[0] == '0' || rest[digits] != '-') return false;
  std::from_chars(rest.data(), rest.data() + digits, attachments);
  rest.remove_prefix(digits + 1);
  return attachments <= attachments_max;
}

// The name ends at a comma or with the packet; it is never percent-decoded, and a query belongs to it.
void read_namespace(std::string_view& rest, std::string_view& nsp) {
  if (!rest.starts_with('/')) return;
  const auto comma = rest.find(',');
  nsp = rest.substr(0, comma);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
}

bool read_ack_id(std::string_view& rest, std::optional<AckId>& ack_id) {
  const auto digits = count_digits(rest);
  if (digits == 0) return true;
  auto number = rest.substr(0, digits);
  rest.remove_prefix(digits);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  if (number.size() > ack_digits_max) return false;
  AckId value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  ack_id = value;
  return true;
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;  // 2^64 has 20
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::optional<Packet> decode_packet(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
  Packet packet{.type = static_cast<PacketType>(text[0])};
  auto rest = text.substr(1);
  if (is_binary(packet.type) && !read_attachments(rest, packet.attachments)) return std::nullopt;
  read_namespace(rest, packet.nsp);
  if (!read_ack_id(rest, packet.ack_id)) return std::nullopt;
  packet.json = rest;
  return packet;
}

engineio::OutboundMessage encode_packet(PacketType type, std::string_view nsp, std::optional<AckId> ack_id,
                                        std::string_view json, std::size_t attachments) {
  std::string text;
  text.reserve(1 + 3 + nsp.size() + 1 + 20 + json.size());
  text += static_cast<char>(type);
  if (is_binary(type)) {
    append_number(text, attachments);
    text += '-';
  }
  if (nsp != "/") {
    text += nsp;
    text += ',';
  }
  if (ack_id) append_number(text, *ack_id);
  text += json;
  return engineio::OutboundMessage::text(text);
}

std::vector<engineio::OutboundMessage> encode_event(std::string_view nsp, std::optional<AckId> ack_id,
                                                    std::string_view json,
                                                    const std::vector<std::string>& attachments) {
  const auto type = attachments.empty() ? PacketType::event : PacketType::binary_event;
  std::vector<engineio::OutboundMessage> packet;
  packet.reserve(1 + attachments.size());
  packet.push_back(encode_packet(type, nsp, ack_id, json, attachments.size()));
  for (const auto& attachment : attachments) packet.push_back(engineio::OutboundMessage::binary(attachment));
  return packet;
}

}  // namespace socketio
