#include "memory/in_memory_tables.hpp"

namespace memory {

messaging::Conversation StoredConversation::view(const messaging::UserId& user) const {
  return {.id = id,
          .participants = {places[0].participant, places[1].participant},
          .created_at = created_at,
          .last_seq = last_seq(),
          .last_message = messages.empty() ? std::nullopt : std::optional(messages.back()),
          .unread_count = place_of(user).unread_count,
          .can_send = can_send};
}

messaging::Position Feed::append(FeedEntry entry) {
  if (entry.kind != FeedEntry::Kind::message) {
    std::erase_if(entries, [&](const auto& earlier) {
      const FeedEntry& other = earlier.second;
      return other.kind == entry.kind && other.conversation == entry.conversation && other.reader == entry.reader;
    });
  }
  entries.emplace(++head, std::move(entry));
  return head;
}

StoredConversation* InMemoryTables::find(const messaging::ConversationId& id) {
  const auto found = conversations.find(id);
  return found == conversations.end() ? nullptr : &found->second;
}

const messaging::Message& InMemoryTables::at(const Location& location) const {
  return conversations.at(location.conversation).messages[static_cast<std::size_t>(location.seq - 1)];
}

messaging::PairPositions InMemoryTables::append(const messaging::UserPair& pair, const FeedEntry& entry) {
  return {.low = feeds[pair.low()].append(entry), .high = feeds[pair.high()].append(entry)};
}

}  // namespace memory
