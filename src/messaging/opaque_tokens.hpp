// The opaque strings that clients carry: offsets, pid, cursors. Each is its fields in fixed-width big-endian bytes and
// a tag (SipHash-2-4, 64 bits) over kind, epoch, user and fields, in base64url without padding. The tag keeps clients
// from inventing values that the tables never had; it guards no access: whoever holds a token for a user may read that
// user's feed anyway. Immutable after construction; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "messaging/repositories.hpp"

namespace messaging {

class Siphash;

class OpaqueTokens {
 public:
  explicit OpaqueTokens(const ServiceState& state);
  ~OpaqueTokens();
  OpaqueTokens(const OpaqueTokens&) = delete;
  OpaqueTokens& operator=(const OpaqueTokens&) = delete;

  // A position in the user's feed: 22 characters.
  [[nodiscard]] std::string offset(const UserId& user, Position position) const;
  // Nothing where the text is no offset of this user in this epoch.
  [[nodiscard]] std::optional<Position> read_offset(const UserId& user, std::string_view text) const;

  // Connection state recovery's private id: a random nonce, valid for this user for as long as the epoch lasts.
  [[nodiscard]] std::string new_pid(const UserId& user) const;
  [[nodiscard]] bool is_pid_of(const UserId& user, std::string_view text) const;

  // A place in a conversation's history, with the direction it was handed out for.
  [[nodiscard]] std::string history_cursor(const UserId& caller, const ConversationId& conversation,
                                           HistoryRange range) const;
  [[nodiscard]] std::optional<HistoryRange> read_history_cursor(const UserId& caller,
                                                                const ConversationId& conversation,
                                                                std::string_view text) const;

  [[nodiscard]] std::string inbox_cursor(const UserId& caller, const InboxCursor& cursor) const;
  [[nodiscard]] std::optional<InboxCursor> read_inbox_cursor(const UserId& caller, std::string_view text) const;

 private:
  class Sealer;

  const std::unique_ptr<const Siphash> siphash_;
  const std::int64_t epoch_;
};

}  // namespace messaging
