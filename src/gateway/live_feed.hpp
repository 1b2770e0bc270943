// What the user sequencers send to the sockets of their users: an event, encoded once for all of a user's devices. Made
// on the user's home thread, immutable afterwards, shared by the threads that have sockets of the user.
#pragma once

#include <memory>

#include "engineio/packet.hpp"
#include "messaging/notifier.hpp"

namespace gateway {

struct LiveEvent {
  messaging::UserId user;
  messaging::Position position = 0;
  // With the user's offset for this position as last argument.
  engineio::OutboundMessage packet;
  // When this node learnt of it by itself; unset where it was read from the tables.
  base::SteadyTime known_at{};
  // The socket that is not told; empty: none.
  messaging::DeviceId except;
};

// One socket's end of its user's live feed. On the socket's thread only; registered with SocketNotifier::subscribe()
// and gone only after unsubscribe(). Must not subscribe or unsubscribe from within these calls.
class LiveFeedListener {
 public:
  LiveFeedListener() = default;
  LiveFeedListener(const LiveFeedListener&) = delete;
  LiveFeedListener& operator=(const LiveFeedListener&) = delete;

  // Ascending by position, each once.
  virtual void on_live_event(const std::shared_ptr<const LiveEvent>& event) = 0;
  // Something for every socket of this node.
  virtual void on_announcement(const engineio::OutboundMessage& packet) = 0;

 protected:
  ~LiveFeedListener() = default;

 private:
  friend class LocalFeeds;
  // The next listener of the same user: most users have one, so the list costs nothing but this.
  LiveFeedListener* next_ = nullptr;
};

}  // namespace gateway
