// What an event of another cluster member is to the gateway: a durable event of a user's feed, news of a typist, or
// something that is none of its business and goes to the sockets as it is. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/relayed_typing.hpp"
#include "messaging/opaque_tokens.hpp"
#include "socketio/adapter.hpp"

namespace gateway {

struct RelayedPosition {
  messaging::UserId user;
  messaging::Position position = 0;
};

// Where the event stands in a feed: it was sent to exactly one user's room, by its name it is durable, and its last
// argument is an offset of that user's, which nobody but a node of this service can have made.
[[nodiscard]] std::optional<RelayedPosition> read_position(const socketio::RelayedEvent& event,
                                                           const messaging::OpaqueTokens& tokens);

struct RelayedTypist {
  RelayedTyping::Key key;
  bool is_typing = false;
};
[[nodiscard]] std::optional<RelayedTypist> read_typing(const socketio::RelayedEvent& event);

// True where the official client would take the last element of the event, a string, for an offset.
[[nodiscard]] bool needs_offset(std::string_view event_json) noexcept;
// [name, …arguments, offset]
[[nodiscard]] std::string with_offset(std::string_view event_json, std::string_view offset);

}  // namespace gateway
