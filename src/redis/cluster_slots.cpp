#include "redis/cluster_slots.hpp"

#include <algorithm>
#include <charconv>

namespace redis {
namespace {

// A cluster has at most some hundred masters that make sense (Redis recommends 1000 nodes with their replicas); owners
// are kept in a byte.
constexpr std::size_t masters_max = 254;
constexpr std::size_t host_bytes_max = 255;

constexpr std::array<std::uint16_t, 256> make_crc16_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}
constexpr auto crc16_table = make_crc16_table();

std::uint16_t crc16(std::string_view bytes) noexcept {
  unsigned crc = 0;
  for (const char byte : bytes) {
    crc = (crc << 8 & 0xFFFF) ^ crc16_table[(crc >> 8 ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  return static_cast<std::uint16_t>(crc);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Endpoint> make_endpoint(std::string_view host, std::int64_t port, const Endpoint& asked) {
  if (port < 1 || port > 65'535 || host.size() > host_bytes_max) return std::nullopt;
  // "?": the node is configured to tell a host name, and has none.
  const bool is_unknown = host.empty() || host == "?";
  return Endpoint{is_unknown ? asked.host : std::string(host), static_cast<std::uint16_t>(port)};
}

struct Range {
  Slot first = 0;
  Slot last = 0;
  Endpoint master{};
};

// [first, last, [host, port, id, …], replicas …]
std::optional<Range> parse_range(const Reply& reply, const Endpoint& asked) {
  if (reply.type != Reply::Type::array || reply.elements.size() < 3) return std::nullopt;
  const auto& first = reply.elements[0];
  const auto& last = reply.elements[1];
  const auto& node = reply.elements[2];
  if (first.type != Reply::Type::integer || last.type != Reply::Type::integer) return std::nullopt;
  if (first.integer < 0 || first.integer > last.integer || last.integer >= slot_count) return std::nullopt;
  if (node.type != Reply::Type::array || node.elements.size() < 2) return std::nullopt;
  const auto& host = node.elements[0];
  const auto& port = node.elements[1];
  if (host.type != Reply::Type::string && host.type != Reply::Type::nil) return std::nullopt;
  if (port.type != Reply::Type::integer) return std::nullopt;
  auto master = make_endpoint(host.text, port.integer, asked);
  if (!master) return std::nullopt;
  return Range{static_cast<Slot>(first.integer), static_cast<Slot>(last.integer), std::move(*master)};
}

}  // namespace

Slot key_slot(std::string_view key) noexcept {
  if (const auto open = key.find('{'); open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) % slot_count;
}

const Endpoint* SlotMap::owner(Slot slot) const noexcept {
  const auto index = owners_[slot];
  return index == 0 ? nullptr : &masters_[index - 1U];
}

void SlotMap::set_owner(Slot first, Slot last, const Endpoint& endpoint) {
  auto found = std::ranges::find(masters_, endpoint);
  if (found == masters_.end()) {
    if (masters_.size() == masters_max) return;
    found = masters_.insert(masters_.end(), endpoint);
  }
  const auto index = static_cast<std::uint8_t>(found - masters_.begin() + 1);
  std::fill(owners_.begin() + first, owners_.begin() + last + 1, index);
}

std::optional<SlotMap> parse_slots(const Reply& reply, const Endpoint& asked) {
  if (reply.type != Reply::Type::array || reply.elements.size() > slot_count) return std::nullopt;
  SlotMap slots;
  for (const auto& element : reply.elements) {
    const auto range = parse_range(element, asked);
    if (!range) return std::nullopt;
    slots.set_owner(range->first, range->last, range->master);
  }
  // A node that has not met its cluster yet knows of no slots.
  if (slots.masters().empty()) return std::nullopt;
  return slots;
}

std::optional<Redirection> parse_redirection(const Reply& reply, const Endpoint& asked) {
  if (!reply.is_error()) return std::nullopt;
  const std::string_view text = reply.text;
  const bool is_moved = text.starts_with("MOVED ");
  if (!is_moved && !text.starts_with("ASK ")) return std::nullopt;
  const auto slot_at = text.find(' ') + 1;
  const auto slot_end = text.find(' ', slot_at);
  // The host may be an IPv6 address, with colons of its own.
  const auto colon = text.rfind(':');
  if (slot_end == std::string_view::npos || colon == std::string_view::npos || colon < slot_end + 1)
    return std::nullopt;
  const auto slot = parse_number<Slot>(text.substr(slot_at, slot_end - slot_at));
  const auto port = parse_number<std::int64_t>(text.substr(colon + 1));
  if (!slot || *slot >= slot_count || !port) return std::nullopt;
  auto to = make_endpoint(text.substr(slot_end + 1, colon - slot_end - 1), *port, asked);
  if (!to) return std::nullopt;
  return Redirection{is_moved ? Redirection::Kind::moved : Redirection::Kind::ask, *slot, std::move(*to)};
}

}  // namespace redis
