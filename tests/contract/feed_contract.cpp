// IFeedRepository: what a replay shows.
#include "repository_contract.hpp"

namespace contract {

using messaging::ConversationUpdated;
using messaging::FeedEvent;
using messaging::NewMessage;
using messaging::StatusMoved;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(RepositoryContract, TheFeedOfSomebodyUnknownIsEmpty) {
  EXPECT_EQ(get(feeds().head(alice_)), 0);
  const auto page = get(feeds().events_since(alice_, 0, 10));
  EXPECT_THAT(page.events, IsEmpty());
  EXPECT_EQ(page.head, 0);
  EXPECT_FALSE(page.more);
}

TEST_P(RepositoryContract, HeadsComeInTheOrderOfTheQuestion) {
  send(open(alice_, bob_), pair_, alice_);
  open(alice_, carol_);
  EXPECT_THAT(get(feeds().heads({carol_, alice_, user("nobody"), bob_, alice_})), ElementsAre(1, 3, 0, 2, 3));
  EXPECT_THAT(get(feeds().heads({})), IsEmpty());
}

TEST_P(RepositoryContract, AReplayShowsMessagesReceiptsAndUpdatesAsTheyAreNow) {
  const auto id = open(alice_, bob_);                            // 1
  send(id, pair_, alice_);                                       // 2
  mark(id, pair_, bob_, {.delivered_seq = 1, .read_seq = 0});    // 3: replaced by 5
  send(id, pair_, bob_);                                         // 4
  mark(id, pair_, bob_, {.delivered_seq = 1, .read_seq = 1});    // 5
  mark(id, pair_, alice_, {.delivered_seq = 2, .read_seq = 0});  // 6
  const auto stored = history(id);
  const auto page = get(feeds().events_since(alice_, 0, 10));
  EXPECT_THAT(page.events,
              ElementsAre(FeedEvent{1, ConversationUpdated{seen_by(alice_, id)}}, FeedEvent{2, NewMessage{stored[0]}},
                          FeedEvent{4, NewMessage{stored[1]}}, FeedEvent{5, StatusMoved{id, bob_, {1, 1}}},
                          FeedEvent{6, StatusMoved{id, alice_, {2, 0}}}));
  EXPECT_EQ(page.head, 6);
  EXPECT_FALSE(page.more);
}

TEST_P(RepositoryContract, NothingLiesBehindTheHead) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  for (const Position since : {2, 3, 1'000}) {
    const auto page = get(feeds().events_since(alice_, since, 10));
    EXPECT_THAT(page.events, IsEmpty());
    EXPECT_EQ(page.head, 2);
    EXPECT_FALSE(page.more);
  }
}

TEST_P(RepositoryContract, AFullPageSaysThereIsMoreOnlyWhereThereIs) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 4; ++i) send(id, pair_, alice_);
  EXPECT_TRUE(get(feeds().events_since(bob_, 0, 4)).more);
  EXPECT_FALSE(get(feeds().events_since(bob_, 0, 5)).more);
  EXPECT_FALSE(get(feeds().events_since(bob_, 1, 4)).more);
}

TEST_P(RepositoryContract, ALongHistoryIsReplayedFromAnyPosition) {
  const auto id = open(alice_, bob_);
  std::vector<FeedEvent> published;
  for (int i = 0; i < 70; ++i) {
    const auto stored = send(id, pair_, i % 3 == 0 ? alice_ : bob_);
    published.push_back({stored.positions.low, NewMessage{stored.message}});
  }
  for (std::size_t seen = 0; seen <= published.size(); ++seen) {
    const auto page = get(feeds().events_since(alice_, static_cast<Position>(seen) + 1, 100));
    const std::vector<FeedEvent> expected(published.begin() + std::ptrdiff_t(seen), published.end());
    ASSERT_EQ(page.events, expected) << seen;
  }
}

}  // namespace contract
