// The feed port of InMemoryDatabase, which owns it. Feeds are kept as logs here, unlike in the tables of the databases:
// the contract suite compares the two ways.
#pragma once

#include "memory/in_memory_tables.hpp"

namespace memory {

class InMemoryFeeds final : public messaging::IFeedRepository {
 public:
  explicit InMemoryFeeds(InMemoryTables& tables) : tables_(tables) {}

  messaging::Task<messaging::Result<messaging::Position>> head(messaging::UserId user) override;
  messaging::Task<messaging::Result<std::vector<messaging::Position>>> heads(
      std::vector<messaging::UserId> users) override;
  messaging::Task<messaging::Result<messaging::FeedPage>> events_since(messaging::UserId user,
                                                                       messaging::Position since, int limit) override;

 private:
  [[nodiscard]] messaging::Event show(const FeedEntry& entry, const messaging::UserId& user) const;

  InMemoryTables& tables_;
};

}  // namespace memory
