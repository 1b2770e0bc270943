#include "sqlite/sqlite_feed_repository.hpp"

namespace sqlite {

using base::Result;
using base::Task;
using messaging::FeedPage;
using messaging::Position;
using messaging::UserId;

Task<Result<Position>> SqliteFeedRepository::head(UserId user) {
  return readers_.read<Position>(
      [user = std::move(user)](ReadSession& session) -> Result<Position> { return session.tables().head(user); });
}

Task<Result<std::vector<Position>>> SqliteFeedRepository::heads(std::vector<UserId> users) {
  using Heads = std::vector<Position>;
  return readers_.read<Heads>([users = std::move(users)](ReadSession& session) -> Result<Heads> {
    Heads heads;
    heads.reserve(users.size());
    for (const auto& user : users) heads.push_back(session.tables().head(user));
    return heads;
  });
}

Task<Result<FeedPage>> SqliteFeedRepository::events_since(UserId user, Position since, int limit) {
  return readers_.read<FeedPage>([user = std::move(user), since, limit](ReadSession& session) -> Result<FeedPage> {
    return session.feed().events_since(user, since, limit);
  });
}

}  // namespace sqlite
