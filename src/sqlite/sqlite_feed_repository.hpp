// The feed port over the readers. Lives in SqliteDatabase.
#pragma once

#include "sqlite/reader_pool.hpp"

namespace sqlite {

class SqliteFeedRepository final : public messaging::IFeedRepository {
 public:
  explicit SqliteFeedRepository(ReaderPool& readers) : readers_(readers) {}

  messaging::Task<messaging::Result<messaging::Position>> head(messaging::UserId user) override;
  messaging::Task<messaging::Result<std::vector<messaging::Position>>> heads(
      std::vector<messaging::UserId> users) override;
  messaging::Task<messaging::Result<messaging::FeedPage>> events_since(messaging::UserId user,
                                                                       messaging::Position since, int limit) override;

 private:
  ReaderPool& readers_;
};

}  // namespace sqlite
