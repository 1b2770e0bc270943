// IConversationRepository: opening, views, the inbox, canSend.
#include "repository_contract.hpp"

namespace contract {

using messaging::InboxCursor;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

std::vector<ConversationId> ids_of(const std::vector<Conversation>& conversations) {
  std::vector<ConversationId> ids;
  for (const auto& conversation : conversations) ids.push_back(conversation.id);
  return ids;
}

TEST_P(RepositoryContract, OpeningForTheFirstTimeCreatesTheConversationWithOnePositionInBothFeeds) {
  const auto fresh = ConversationId::v7(at(0));
  const auto opened = get(conversations().find_or_create(pair_, fresh, at(7)));
  EXPECT_TRUE(opened.created);
  EXPECT_EQ(opened.positions, (PairPositions{1, 1}));
  const Conversation expected{.id = fresh,
                              .participants = {{{alice_, {}}, {bob_, {}}}},
                              .created_at = at(7),
                              .last_seq = 0,
                              .last_message = std::nullopt,
                              .unread_count = 0,
                              .can_send = true};
  EXPECT_THAT(opened.views, ElementsAre(expected, expected));
  EXPECT_EQ(seen_by(alice_, fresh), expected);
}

TEST_P(RepositoryContract, OpeningAgainFindsTheConversationAsItIs) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  const auto again = get(conversations().find_or_create(pair_, ConversationId::v7(at(9)), at(9)));
  EXPECT_FALSE(again.created);
  EXPECT_EQ(again.positions, PairPositions{});
  EXPECT_EQ(again.views[0], seen_by(alice_, id));
  EXPECT_EQ(again.views[1], seen_by(bob_, id));
  EXPECT_EQ(again.views[1].unread_count, 1);
  EXPECT_EQ(get(feeds().head(alice_)), 2);
}

TEST_P(RepositoryContract, TheSameOpeningAgainIsAnsweredAsTheFirstTime) {
  const auto fresh = ConversationId::v7(at(0));
  const auto first = get(conversations().find_or_create(pair_, fresh, at(0)));
  const auto again = get(conversations().find_or_create(pair_, fresh, at(0)));
  EXPECT_TRUE(again.created);
  EXPECT_EQ(again.positions, first.positions);
  EXPECT_EQ(again.views, first.views);
}

TEST_P(RepositoryContract, AHeaderIsFoundByIdAndByPair) {
  const auto id = open(bob_, alice_);
  open(bob_, carol_);
  const auto by_id = get(conversations().find_header(id)).value();
  const auto by_pair = get(conversations().find_header_of_pair(pair_)).value();
  EXPECT_EQ(by_id.participants, pair_);
  EXPECT_TRUE(by_id.can_send);
  EXPECT_EQ(by_pair.id, id);
  EXPECT_EQ(by_pair.participants, pair_);
}

TEST_P(RepositoryContract, WhatIsNotThereHasNoHeader) {
  open(alice_, bob_);
  EXPECT_FALSE(get(conversations().find_header(ConversationId::v7(at(0)))).has_value());
  EXPECT_FALSE(get(conversations().find_header_of_pair({alice_, carol_})).has_value());
}

TEST_P(RepositoryContract, AConversationIsShownToItsParticipantsAlone) {
  const auto id = open(alice_, bob_);
  EXPECT_TRUE(get(conversations().find_for_user(id, bob_)).has_value());
  EXPECT_FALSE(get(conversations().find_for_user(id, carol_)).has_value());
  EXPECT_FALSE(get(conversations().find_for_user(ConversationId::v7(at(0)), alice_)).has_value());
}

// --- the inbox

TEST_P(RepositoryContract, TheInboxIsOrderedByTheLastMessageOrElseByItsOwnTime) {
  const auto with_bob = open(alice_, bob_, at(100));
  const auto with_carol = open(alice_, carol_, at(200));
  const auto with_dave = open(alice_, user("dave"), at(300));
  send(with_bob, pair_, bob_, at(250));
  // Receipts are no activity.
  mark(with_bob, pair_, alice_, {1, 1});
  const auto page = get(conversations().find_many_by_user(alice_, std::nullopt, 10));
  EXPECT_THAT(ids_of(page.conversations), ElementsAre(with_dave, with_bob, with_carol));
  EXPECT_FALSE(page.next.has_value());
  EXPECT_EQ(page.head, get(feeds().head(alice_)));
  EXPECT_EQ(page.conversations[1], seen_by(alice_, with_bob));
}

TEST_P(RepositoryContract, InboxPagesOfAnySizeShowEveryConversationOnce) {
  std::vector<ConversationId> newest_first;
  for (int i = 0; i < 23; ++i) {
    // Several with the same time: then the id decides.
    newest_first.insert(newest_first.begin(), open(alice_, user("peer" + std::to_string(i)), at(i / 4)));
  }
  for (const int limit : {1, 2, 5, 22, 23, 24}) {
    std::vector<ConversationId> seen;
    std::optional<InboxCursor> after;
    do {
      const auto page = get(conversations().find_many_by_user(alice_, after, limit));
      EXPECT_LE(std::ssize(page.conversations), limit);
      for (const auto& id : ids_of(page.conversations)) seen.push_back(id);
      after = page.next;
    } while (after);
    EXPECT_THAT(seen, ElementsAreArray(newest_first)) << "limit " << limit;
  }
}

TEST_P(RepositoryContract, TheInboxOfSomebodyUnknownIsEmpty) {
  open(alice_, bob_);
  const auto page = get(conversations().find_many_by_user(carol_, std::nullopt, 10));
  EXPECT_THAT(page.conversations, IsEmpty());
  EXPECT_FALSE(page.next.has_value());
  EXPECT_EQ(page.head, 0);
}

// --- canSend

TEST_P(RepositoryContract, CanSendChangesWithOnePositionInBothFeeds) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  const auto change = get(conversations().set_can_send(id, false)).value();
  EXPECT_EQ(change.positions, (PairPositions{3, 3}));
  EXPECT_FALSE(change.views[0].can_send);
  EXPECT_EQ(change.views[0], seen_by(alice_, id));
  EXPECT_EQ(change.views[1], seen_by(bob_, id));
  EXPECT_FALSE(get(conversations().find_header(id))->can_send);
}

TEST_P(RepositoryContract, CanSendThatDoesNotChangeTakesNoPosition) {
  const auto id = open(alice_, bob_);
  EXPECT_FALSE(get(conversations().set_can_send(id, true)).has_value());
  EXPECT_FALSE(get(conversations().set_can_send(ConversationId::v7(at(0)), false)).has_value());
  EXPECT_EQ(get(feeds().head(alice_)), 1);
}

}  // namespace contract
