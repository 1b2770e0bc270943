#include "memory/in_memory_conversations.hpp"

#include <algorithm>
#include <tuple>

namespace memory {
namespace {

using base::Errc;
using base::SystemTime;
using messaging::CanSendChange;
using messaging::Conversation;
using messaging::ConversationHeader;
using messaging::ConversationId;
using messaging::InboxCursor;
using messaging::InboxPage;
using messaging::OpenedConversation;
using messaging::Result;
using messaging::Task;
using messaging::UserId;
using messaging::UserPair;

ConversationHeader header_of(const StoredConversation& conversation) {
  return {.id = conversation.id, .participants = conversation.pair, .can_send = conversation.can_send};
}

std::array<Conversation, 2> views_of(const StoredConversation& conversation) {
  return {conversation.view(conversation.pair.low()), conversation.view(conversation.pair.high())};
}

// Newest first by (activity, id).
bool stands_before(const InboxCursor& one, const InboxCursor& other) {
  return std::tie(other.activity, other.id) < std::tie(one.activity, one.id);
}

InboxCursor place_of(const StoredConversation& conversation) {
  return {.activity = conversation.activity(), .id = conversation.id};
}

}  // namespace

messaging::PairPositions InMemoryConversations::append_update(StoredConversation& conversation) {
  conversation.updated = tables_.append(
      conversation.pair, {.kind = FeedEntry::Kind::update, .conversation = conversation.id, .seq = 0, .reader = {}});
  return conversation.updated;
}

Task<Result<std::optional<ConversationHeader>>> InMemoryConversations::find_header(ConversationId id) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const StoredConversation* found = tables_.find(id);
  if (found == nullptr) co_return std::optional<ConversationHeader>();
  co_return std::optional(header_of(*found));
}

Task<Result<std::optional<ConversationHeader>>> InMemoryConversations::find_header_of_pair(UserPair pair) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const auto id = tables_.conversation_of_pair.find(pair);
  if (id == tables_.conversation_of_pair.end()) co_return std::optional<ConversationHeader>();
  co_return std::optional(header_of(tables_.conversations.at(id->second)));
}

Task<Result<OpenedConversation>> InMemoryConversations::find_or_create(UserPair pair, ConversationId fresh_id,
                                                                       SystemTime now) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  if (const auto id = tables_.conversation_of_pair.find(pair); id != tables_.conversation_of_pair.end()) {
    const auto& present = tables_.conversations.at(id->second);
    if (present.id != fresh_id) {
      co_return OpenedConversation{.views = views_of(present), .created = false, .positions = {}};
    }
    // The same call again.
    co_return OpenedConversation{.views = views_of(present), .created = true, .positions = present.updated};
  }
  auto& fresh = tables_.conversations[fresh_id];
  fresh.id = fresh_id;
  fresh.pair = pair;
  fresh.created_at = now;
  fresh.places[0].participant.user_id = pair.low();
  fresh.places[1].participant.user_id = pair.high();
  tables_.conversation_of_pair.emplace(pair, fresh_id);
  const auto positions = append_update(fresh);
  co_return OpenedConversation{.views = views_of(fresh), .created = true, .positions = positions};
}

Task<Result<std::optional<Conversation>>> InMemoryConversations::find_for_user(ConversationId id, UserId user) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  const StoredConversation* found = tables_.find(id);
  if (found == nullptr || !found->pair.contains(user)) co_return std::optional<Conversation>();
  co_return std::optional(found->view(user));
}

Task<Result<InboxPage>> InMemoryConversations::find_many_by_user(UserId user, std::optional<InboxCursor> after,
                                                                 int limit) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  std::vector<const StoredConversation*> found;
  for (const auto& [id, conversation] : tables_.conversations) {
    if (!conversation.pair.contains(user)) continue;
    if (after && !stands_before(*after, place_of(conversation))) continue;
    found.push_back(&conversation);
  }
  std::ranges::sort(found, stands_before, [](const StoredConversation* each) { return place_of(*each); });

  InboxPage page{.conversations = {}, .next = {}, .head = tables_.feeds[user].head};
  if (std::ssize(found) > limit) {
    found.resize(static_cast<std::size_t>(limit));
    page.next = place_of(*found.back());
  }
  for (const auto* conversation : found) page.conversations.push_back(conversation->view(user));
  co_return page;
}

Task<Result<std::optional<CanSendChange>>> InMemoryConversations::set_can_send(ConversationId id, bool can_send) {
  const std::lock_guard lock(tables_.mutex);
  if (tables_.stopped) co_return base::fail(Errc::server_draining);
  StoredConversation* found = tables_.find(id);
  if (found == nullptr || found->can_send == can_send) co_return std::optional<CanSendChange>();
  found->can_send = can_send;
  const auto positions = append_update(*found);
  co_return std::optional(CanSendChange{.views = views_of(*found), .positions = positions});
}

}  // namespace memory
