#include "memory/in_memory_feeds.hpp"

namespace memory {

using base::Errc;
using messaging::Event;
using messaging::FeedPage;
using messaging::Position;
using messaging::Result;
using messaging::Task;
using messaging::UserId;

Task<Result<Position>> InMemoryFeeds::head(UserId user) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  co_return tables_.feeds[user].head;
}

Task<Result<std::vector<Position>>> InMemoryFeeds::heads(std::vector<UserId> users) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  std::vector<Position> heads;
  for (const auto& user : users) heads.push_back(tables_.feeds[user].head);
  co_return heads;
}

Task<Result<FeedPage>> InMemoryFeeds::events_since(UserId user, Position since, int limit) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const Feed& feed = tables_.feeds[user];
  FeedPage page{.events = {}, .head = feed.head, .more = false};
  for (auto entry = feed.entries.upper_bound(since); entry != feed.entries.end(); ++entry) {
    if (std::ssize(page.events) == limit) {
      page.more = true;
      break;
    }
    page.events.push_back({.position = entry->first, .event = show(entry->second, user)});
  }
  co_return page;
}

Event InMemoryFeeds::show(const FeedEntry& entry, const UserId& user) const {
  const StoredConversation& conversation = tables_.conversations.at(entry.conversation);
  switch (entry.kind) {
    case FeedEntry::Kind::message:
      return messaging::NewMessage{conversation.messages[static_cast<std::size_t>(entry.seq - 1)]};
    case FeedEntry::Kind::receipt:
      return messaging::StatusMoved{.conversation_id = entry.conversation,
                                    .user_id = entry.reader,
                                    .watermarks = conversation.place_of(entry.reader).participant.watermarks};
    case FeedEntry::Kind::update:
      break;
  }
  return messaging::ConversationUpdated{conversation.view(user)};
}

}  // namespace memory
