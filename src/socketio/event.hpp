// The rules for the JSON of packets: what a CONNECT, an EVENT and an ACK may carry. Between the packet codec and the
// connection; functions of their input, on any thread. Source: docs/socket.io-protocol/v5-current.md in
// socketio/socket.io.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace socketio {

// All texts need json.hpp's padding behind them.

// A CONNECT's payload is an object.
[[nodiscard]] bool is_valid_auth(std::string_view json);

// Emitted by the client libraries themselves: from the wire they would be forgeries.
[[nodiscard]] bool is_reserved_event(std::string_view name) noexcept;

// An EVENT is a non-empty array; first comes its name, a string or a number, and none that the libraries keep for
// themselves. In a packet with attachments each placeholder names one of them. The name, unescaped, lies in `json` or,
// where it has escapes, in `scratch`; nothing where the event is malformed.
[[nodiscard]] std::optional<std::string_view> read_event_name(std::string_view json, std::size_t attachments,
                                                              std::string& scratch);

// An ACK is an array; placeholders as above.
[[nodiscard]] bool is_valid_ack(std::string_view json, std::size_t attachments);

// What stands behind the name of a valid event, as sent, without the brackets: `1,"2",{"3":[true]}`; empty where
// nothing does.
[[nodiscard]] std::string_view raw_arguments(std::string_view json);

}  // namespace socketio
