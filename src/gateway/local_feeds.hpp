// The sockets of one thread, by user: where a LiveEvent that was posted to the thread finds its listeners. Owned by
// SocketNotifier, one for each I/O thread, used on that thread alone.
#pragma once

#include <unordered_map>

#include "gateway/live_feed.hpp"

namespace gateway {

class LocalFeeds {
 public:
  void add(const messaging::UserId& user, LiveFeedListener& listener);
  // True where it was the user's last one on this thread. Precondition: it was added.
  bool remove(const messaging::UserId& user, LiveFeedListener& listener);

  void deliver(const std::shared_ptr<const LiveEvent>& event) const;
  void announce(const engineio::OutboundMessage& packet) const;

 private:
  std::unordered_map<messaging::UserId, LiveFeedListener*> first_of_user_;
};

}  // namespace gateway
