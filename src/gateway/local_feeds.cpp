#include "gateway/local_feeds.hpp"

namespace gateway {

void LocalFeeds::add(const messaging::UserId& user, LiveFeedListener& listener) {
  auto& first = first_of_user_[user];
  listener.next_ = first;
  first = &listener;
}

bool LocalFeeds::remove(const messaging::UserId& user, LiveFeedListener& listener) {
  const auto entry = first_of_user_.find(user);
  LiveFeedListener** link = &entry->second;
  while (*link != &listener) link = &(*link)->next_;
  *link = listener.next_;
  listener.next_ = nullptr;
  if (entry->second != nullptr) return false;
  first_of_user_.erase(entry);
  return true;
}

void LocalFeeds::deliver(const std::shared_ptr<const LiveEvent>& event) const {
  const auto entry = first_of_user_.find(event->user);
  if (entry == first_of_user_.end()) return;
  for (auto* listener = entry->second; listener != nullptr; listener = listener->next_) listener->on_live_event(event);
}

void LocalFeeds::announce(const engineio::OutboundMessage& packet) const {
  for (const auto& [user, first] : first_of_user_) {
    for (auto* listener = first; listener != nullptr; listener = listener->next_) listener->on_announcement(packet);
  }
}

}  // namespace gateway
