// Headers of conversations that were read a short while ago, so that the guard needs no read of the tables for each
// message. Any thread.
#pragma once

#include <mutex>
#include <optional>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "messaging/repositories.hpp"

namespace messaging {

class HeaderCache {
 public:
  // Others than this service may add a participant, and other nodes change canSend: a header is believed for a minute.
  static constexpr base::seconds ttl{60};
  // About 16 MiB; the least recently used goes first.
  static constexpr std::size_t headers_max = 65'536;

  explicit HeaderCache(const base::Clock& clock) : clock_(clock), headers_(headers_max) {}

  // The header, where `user` is a participant by it.
  [[nodiscard]] std::optional<ConversationHeader> find_for(const UserId& user, const ConversationId& id);
  void put(ConversationHeader header);
  void forget(const ConversationId& id);

  // False where the cached header says so already.
  bool set_can_send(const ConversationId& id, bool can_send);

 private:
  struct Cached {
    ConversationHeader header;
    base::SteadyTime read_at;
  };

  const base::Clock& clock_;
  std::mutex mutex_;
  base::BoundedMap<ConversationId, Cached> headers_;
};

}  // namespace messaging
