// The feed against a log of everything that was published live: after random operations, a replay from any position is
// that log, folded as the port says.
#pragma once

#include <map>
#include <random>

#include "repository_contract.hpp"

namespace contract {

// What happened in one user's feed, by position.
using Log = std::map<Position, messaging::Event>;

class FeedProperties : public RepositoryContract {
 protected:
  static constexpr int users = 5;
  static constexpr int steps = 250;

  void run_random_operations(std::mt19937& random);
  // The log's events behind `since`: of receipts of one reader and of updates, the latest for each conversation; all as
  // they are now.
  std::vector<messaging::FeedEvent> folded(const UserId& who, Position since);
  std::vector<messaging::FeedEvent> replay(const UserId& who, Position since, int limit);

  std::map<UserId, Log> logs_;
  std::vector<std::pair<ConversationId, UserPair>> opened_;

 private:
  void publish(const UserPair& pair, const PairPositions& positions, const messaging::Event& for_low,
               const messaging::Event& for_high) {
    EXPECT_TRUE(logs_[pair.low()].emplace(positions.low, for_low).second);
    EXPECT_TRUE(logs_[pair.high()].emplace(positions.high, for_high).second);
  }
  void open_some(std::mt19937& random);
  void send_or_mark(std::mt19937& random);
};

}  // namespace contract
