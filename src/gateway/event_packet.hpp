// An EVENT of the namespace "/" that asks for no ack: the form of everything that the gateway says unasked.
#pragma once

#include <optional>
#include <string_view>

#include "socketio/packet.hpp"

namespace gateway {

// `json`: the array of name and arguments, as wire.hpp writes it.
[[nodiscard]] inline engineio::OutboundMessage event_packet(std::string_view json) {
  return socketio::encode_packet(socketio::PacketType::event, "/", std::nullopt, json);
}

}  // namespace gateway
