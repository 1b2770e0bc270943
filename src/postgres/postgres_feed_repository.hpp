// The feed port over the readers. Lives in PostgresDatabase.
#pragma once

#include "messaging/repositories.hpp"
#include "postgres/reader_pool.hpp"

namespace postgres {

class PostgresFeedRepository final : public messaging::IFeedRepository {
 public:
  explicit PostgresFeedRepository(ReaderPool& readers) : readers_(readers) {}

  messaging::Task<messaging::Result<messaging::Position>> head(messaging::UserId user) override;
  messaging::Task<messaging::Result<std::vector<messaging::Position>>> heads(
      std::vector<messaging::UserId> users) override;
  messaging::Task<messaging::Result<messaging::FeedPage>> events_since(messaging::UserId user,
                                                                       messaging::Position since, int limit) override;

 private:
  messaging::Task<messaging::Result<messaging::FeedPage>> events_between(messaging::UserId user,
                                                                         messaging::Position since,
                                                                         messaging::Position up_to, int limit);

  ReaderPool& readers_;
};

}  // namespace postgres
