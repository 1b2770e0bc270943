// Where a socket begins in its user's feed: the rules of connection state recovery (docs: offsets and recovery),
// without I/O. Used once, while a CONNECT waits for its answer.
#pragma once

#include "gateway/dtos.hpp"
#include "messaging/opaque_tokens.hpp"

namespace gateway {

// A longer absence is answered with `resyncRequired`: reloading the inbox costs less than 10 000 events.
inline constexpr messaging::Position replay_positions_max = 10'000;

// What the client asks for, as far as its own words tell.
struct Resumption {
  enum class Kind : std::uint8_t {
    from_head,  // nothing to continue from
    from_position,
    unreadable,  // an offset that is not one of this user in this epoch
  } kind = Kind::from_head;
  messaging::Position position = 0;
  // The client's own pid: given back to it, the client counts itself as recovered. Empty: it gets a new one. Only with
  // from_position.
  std::string pid{};
};
[[nodiscard]] Resumption read_resumption(const messaging::OpaqueTokens& tokens, const messaging::UserId& user,
                                         const ConnectAuth& auth);

struct StartingPoint {
  messaging::Position position = 0;
  // What the client asked for cannot be had: it begins at the head, with a new pid, and must reload its inbox.
  bool resync_required = false;
};
[[nodiscard]] StartingPoint starting_point(const Resumption& resumption, messaging::Position head) noexcept;

}  // namespace gateway
