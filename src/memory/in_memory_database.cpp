#include "memory/in_memory_database.hpp"

#include "memory/in_memory_conversations.hpp"
#include "memory/in_memory_feeds.hpp"
#include "memory/in_memory_messages.hpp"

namespace memory {

InMemoryDatabase::InMemoryDatabase()
    : tables_(std::make_unique<InMemoryTables>()),
      messages_(std::make_unique<InMemoryMessages>(*tables_)),
      conversations_(std::make_unique<InMemoryConversations>(*tables_)),
      feeds_(std::make_unique<InMemoryFeeds>(*tables_)) {}

InMemoryDatabase::~InMemoryDatabase() = default;

void InMemoryDatabase::stop() {
  const std::lock_guard lock(tables_->mutex);
  tables_->stopped = true;
}

}  // namespace memory
