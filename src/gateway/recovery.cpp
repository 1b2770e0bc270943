#include "gateway/recovery.hpp"

namespace gateway {
namespace {

Resumption resume_from(const messaging::OpaqueTokens& tokens, const messaging::UserId& user, const std::string& offset,
                       std::string pid) {
  const auto position = tokens.read_offset(user, offset);
  if (!position) return {.kind = Resumption::Kind::unreadable};
  return {.kind = Resumption::Kind::from_position, .position = *position, .pid = std::move(pid)};
}

}  // namespace

Resumption read_resumption(const messaging::OpaqueTokens& tokens, const messaging::UserId& user,
                           const ConnectAuth& auth) {
  if (auth.pid && auth.offset) {
    if (tokens.is_pid_of(user, *auth.pid)) return resume_from(tokens, user, *auth.offset, *auth.pid);
    // Another user's pid, or one from before a restore: the two look alike. After a restore the client must hear that
    // its state is void; after a change of users it does no harm.
    if (!auth.since && !tokens.read_offset(user, *auth.offset)) return {.kind = Resumption::Kind::unreadable};
  }
  // A pid that cannot be used counts as none.
  if (auth.since) return resume_from(tokens, user, *auth.since, {});
  return {};
}

StartingPoint starting_point(const Resumption& resumption, messaging::Position head) noexcept {
  switch (resumption.kind) {
    case Resumption::Kind::from_head:
      return {.position = head};
    case Resumption::Kind::unreadable:
      return {.position = head, .resync_required = true};
    case Resumption::Kind::from_position:
      if (resumption.position > head || head - resumption.position > replay_positions_max) {
        return {.position = head, .resync_required = true};
      }
      return {.position = resumption.position};
  }
  return {.position = head, .resync_required = true};
}

}  // namespace gateway
