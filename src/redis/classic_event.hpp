// A broadcast of the classic protocol: [uid, {type, data, nsp}, {rooms, except, flags}] in MessagePack. The hot path of
// ClassicProtocol in both directions: the data goes from JSON to MessagePack, or back, in one pass. Functions of their
// input, on any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "socketio/adapter.hpp"

namespace redis {

// Appends what follows the uid. False where `event_json` is no JSON.
[[nodiscard]] bool append_classic_event(std::string& out, std::string_view event_json, std::string_view nsp,
                                        const socketio::BroadcastOptions& options, std::string_view traceparent);
// What that takes, as a rule: enough to allocate once.
[[nodiscard]] std::size_t classic_event_bytes(std::string_view event_json, const socketio::BroadcastOptions& options,
                                              std::string_view traceparent) noexcept;

struct ClassicEvent {
  std::string uid{};
  std::string nsp{"/"};  // the reference's, where none is named
  socketio::RelayedEvent event{};
};
// Nothing where it is malformed, or no EVENT that a client would take.
[[nodiscard]] std::optional<ClassicEvent> read_classic_event(std::string_view payload);

}  // namespace redis
