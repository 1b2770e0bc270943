// IMessageRepository: creating, idempotency, receipts, history.
#include "repository_contract.hpp"

namespace contract {

using base::Errc;
using messaging::HistoryRange;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Seq> seqs_of(const std::vector<Message>& messages) {
  std::vector<Seq> seqs;
  for (const auto& message : messages) seqs.push_back(message.seq);
  return seqs;
}

// --- create

TEST_P(RepositoryContract, CreateInAnEmptyConversationGivesTheFirstSeqAndTheNextPositions) {
  const auto id = open(alice_, bob_);
  const auto wanted = draft(id, pair_, bob_, "hi");
  const auto stored = get(messages().create(wanted));
  EXPECT_FALSE(stored.duplicate);
  // Opening took position 1 in both feeds.
  EXPECT_EQ(stored.positions, (PairPositions{2, 2}));
  EXPECT_EQ(stored.message, (Message{wanted.id, id, 1, bob_, "hi", MessageStatus::sent, at(1'000), std::nullopt}));
  EXPECT_THAT(history(id), ElementsAre(stored.message));
}

TEST_P(RepositoryContract, ContentIsReturnedByteForByte) {
  const auto id = open(alice_, bob_);
  const std::string content = "line\r\n'\"\\;-- \xf0\x9f\x98\x80 e\xcc\x81 \x01 \xef\xbf\xbd";
  get(messages().create(draft(id, pair_, alice_, content)));
  EXPECT_EQ(history(id).front().content, content);
}

TEST_P(RepositoryContract, CreateCountsForThePeerAndMovesNoWatermark) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  send(id, pair_, alice_);
  const auto alice = seen_by(alice_, id);
  const auto bob = seen_by(bob_, id);
  EXPECT_EQ(alice.unread_count, 0);
  EXPECT_EQ(bob.unread_count, 2);
  EXPECT_EQ(alice.last_seq, 2);
  EXPECT_EQ(alice.participants[0].watermarks, Watermarks{});
  EXPECT_EQ(alice.participants[1].watermarks, Watermarks{});
  EXPECT_EQ(bob.last_message, history(id).back());
}

TEST_P(RepositoryContract, CreatedAtNeverRunsBackWhenTheClockDoes) {
  const auto id = open(alice_, bob_);
  EXPECT_EQ(send(id, pair_, alice_, at(5'000)).message.created_at, at(5'000));
  EXPECT_EQ(send(id, pair_, bob_, at(4'000)).message.created_at, at(5'000));
  EXPECT_EQ(send(id, pair_, bob_, at(6'000)).message.created_at, at(6'000));
}

TEST_P(RepositoryContract, CreateInAConversationThatIsNotThereIsNotFound) {
  const auto unknown = ConversationId::v7(at(0));
  EXPECT_EQ(error_of(messages().create(draft(unknown, pair_, alice_))), Errc::conversation_not_found);
  EXPECT_THAT(history(unknown), IsEmpty());
  EXPECT_EQ(get(feeds().head(alice_)), 0);
}

TEST_P(RepositoryContract, CreateForOtherParticipantsThanTheConversationHasIsNotFound) {
  const auto id = open(alice_, bob_);
  EXPECT_EQ(error_of(messages().create(draft(id, {alice_, carol_}, carol_))), Errc::conversation_not_found);
  EXPECT_THAT(history(id), IsEmpty());
}

// --- idempotency

TEST_P(RepositoryContract, TheSameClientMessageIdReturnsTheFirstMessageAndWritesNothing) {
  const auto id = open(alice_, bob_);
  const auto elsewhere = open(alice_, carol_);
  auto first = draft(id, pair_, alice_, "first");
  first.client_message_id = ClientMessageId::v7(at(0));
  const auto stored = get(messages().create(first));

  auto other_content = draft(id, pair_, alice_, "second");
  auto other_conversation = draft(elsewhere, {alice_, carol_}, alice_, "first");
  auto unknown_conversation = draft(ConversationId::v7(at(0)), pair_, alice_, "first");
  for (auto* again : {&other_content, &other_conversation, &unknown_conversation}) {
    again->client_message_id = first.client_message_id;
    const auto answer = get(messages().create(*again));
    EXPECT_TRUE(answer.duplicate);
    EXPECT_EQ(answer.message, stored.message);
    EXPECT_EQ(answer.positions, PairPositions{});
  }
  EXPECT_EQ(history(id).size(), 1u);
  EXPECT_THAT(history(elsewhere), IsEmpty());
  EXPECT_EQ(get(feeds().head(bob_)), stored.positions.high);
}

TEST_P(RepositoryContract, TheSameClientMessageIdOfAnotherAuthorIsAnotherMessage) {
  const auto id = open(alice_, bob_);
  auto from_alice = draft(id, pair_, alice_);
  auto from_bob = draft(id, pair_, bob_);
  from_alice.client_message_id = from_bob.client_message_id = ClientMessageId::v7(at(0));
  EXPECT_FALSE(get(messages().create(from_alice)).duplicate);
  EXPECT_FALSE(get(messages().create(from_bob)).duplicate);
  EXPECT_EQ(history(id).size(), 2u);
}

TEST_P(RepositoryContract, TheSameCallAgainIsAnsweredAsTheFirstTime) {
  const auto id = open(alice_, bob_);
  auto keyed = draft(id, pair_, alice_);
  keyed.client_message_id = ClientMessageId::v7(at(0));
  for (const auto& once : {keyed, draft(id, pair_, bob_)}) {
    const auto first = get(messages().create(once));
    send(id, pair_, alice_);
    const auto again = get(messages().create(once));
    EXPECT_EQ(again.message, first.message);
    EXPECT_EQ(again.positions, first.positions);
    EXPECT_FALSE(again.duplicate);
  }
  EXPECT_EQ(history(id).size(), 4u);
}

TEST_P(RepositoryContract, AMessageIdThatIsTakenFailsAlone) {
  const auto id = open(alice_, bob_);
  const auto elsewhere = open(alice_, carol_);
  const auto taken = send(id, pair_, alice_).message.id;
  std::vector<Task<Result<StoredMessage>>> batch;
  for (int i = 0; i < 9; ++i) {
    auto next = draft(elsewhere, {alice_, carol_}, carol_);
    if (i == 4) next.id = taken;
    batch.push_back(messages().create(next));
  }
  const auto results = loop_.await_all(std::move(batch));
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].has_value(), i != 4) << i;
  EXPECT_THAT(seqs_of(history(elsewhere)), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_P(RepositoryContract, AMessageIsFoundByItsAuthorAndClientMessageIdAlone) {
  const auto id = open(alice_, bob_);
  auto wanted = draft(id, pair_, alice_);
  wanted.client_message_id = ClientMessageId::v7(at(0));
  const auto stored = get(messages().create(wanted));
  EXPECT_EQ(get(messages().find_by_client_message_id(alice_, *wanted.client_message_id)), stored.message);
  EXPECT_EQ(get(messages().find_by_client_message_id(bob_, *wanted.client_message_id)), std::nullopt);
  EXPECT_EQ(get(messages().find_by_client_message_id(alice_, ClientMessageId::v7(at(1)))), std::nullopt);
}

TEST_P(RepositoryContract, AMessagesSeqIsFoundInItsOwnConversationAlone) {
  const auto id = open(alice_, bob_);
  const auto elsewhere = open(alice_, carol_);
  send(id, pair_, alice_);
  const auto second = send(id, pair_, bob_).message;
  EXPECT_EQ(get(messages().find_seq(id, second.id)), 2);
  EXPECT_EQ(get(messages().find_seq(elsewhere, second.id)), std::nullopt);
  EXPECT_EQ(get(messages().find_seq(id, MessageId::v7(at(0)))), std::nullopt);
}

// --- receipts

TEST_P(RepositoryContract, ADeliveryMovesTheStatusOfThePeersMessagesUpToIt) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  send(id, pair_, bob_);
  send(id, pair_, alice_);
  send(id, pair_, alice_);
  const auto receipt = mark(id, pair_, bob_, {.delivered_seq = 3, .read_seq = 0});
  EXPECT_TRUE(receipt.moved);
  EXPECT_EQ(receipt.watermarks, (Watermarks{3, 0}));
  EXPECT_EQ(receipt.positions, (PairPositions{6, 6}));
  const auto stored = history(id);
  EXPECT_EQ(stored[0].status, MessageStatus::delivered);
  EXPECT_EQ(stored[1].status, MessageStatus::sent);
  EXPECT_EQ(stored[2].status, MessageStatus::delivered);
  EXPECT_EQ(stored[3].status, MessageStatus::sent);
  EXPECT_EQ(seen_by(bob_, id).unread_count, 3);
  EXPECT_EQ(seen_by(alice_, id).participants[1].watermarks, (Watermarks{3, 0}));
}

TEST_P(RepositoryContract, AReadImpliesDeliveredAndLowersTheReadersUnreadCount) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 3; ++i) send(id, pair_, alice_);
  send(id, pair_, bob_);
  const auto receipt = mark(id, pair_, bob_, {.delivered_seq = 0, .read_seq = 2});
  EXPECT_EQ(receipt.watermarks, (Watermarks{2, 2}));
  const auto stored = history(id);
  EXPECT_EQ(stored[1].status, MessageStatus::read);
  EXPECT_EQ(stored[2].status, MessageStatus::sent);
  EXPECT_EQ(seen_by(bob_, id).unread_count, 1);
  EXPECT_EQ(seen_by(alice_, id).unread_count, 1);
}

TEST_P(RepositoryContract, AReadAboveAnEarlierDeliveryKeepsTheRestDelivered) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 4; ++i) send(id, pair_, alice_);
  mark(id, pair_, bob_, {.delivered_seq = 3, .read_seq = 0});
  EXPECT_EQ(mark(id, pair_, bob_, {.delivered_seq = 0, .read_seq = 1}).watermarks, (Watermarks{3, 1}));
  const auto stored = history(id);
  EXPECT_EQ(stored[0].status, MessageStatus::read);
  EXPECT_EQ(stored[2].status, MessageStatus::delivered);
  EXPECT_EQ(stored[3].status, MessageStatus::sent);
}

TEST_P(RepositoryContract, AReceiptAboveTheLastMessageIsCappedThere) {
  const auto id = open(alice_, bob_);
  send(id, pair_, alice_);
  EXPECT_EQ(mark(id, pair_, bob_, {.delivered_seq = 99, .read_seq = 99}).watermarks, (Watermarks{1, 1}));
  send(id, pair_, alice_);
  EXPECT_EQ(history(id).back().status, MessageStatus::sent);
  EXPECT_EQ(seen_by(bob_, id).unread_count, 1);
}

TEST_P(RepositoryContract, AReceiptThatMovesNothingTakesNoPosition) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 3; ++i) send(id, pair_, alice_);
  mark(id, pair_, bob_, {.delivered_seq = 3, .read_seq = 2});
  const auto head = get(feeds().head(alice_));
  for (const Watermarks earlier : {Watermarks{3, 2}, Watermarks{1, 0}, Watermarks{0, 0}, Watermarks{-5, -5}}) {
    const auto receipt = mark(id, pair_, bob_, earlier);
    EXPECT_FALSE(receipt.moved);
    EXPECT_EQ(receipt.watermarks, (Watermarks{3, 2}));
    EXPECT_EQ(receipt.positions, PairPositions{});
  }
  EXPECT_EQ(get(feeds().head(alice_)), head);
}

TEST_P(RepositoryContract, AReceiptWithoutAConversationIsNotFound) {
  const auto id = open(alice_, bob_);
  EXPECT_EQ(error_of(messages().advance_watermarks({ConversationId::v7(at(0)), pair_, bob_, {1, 1}})),
            Errc::conversation_not_found);
  EXPECT_EQ(error_of(messages().advance_watermarks({id, {alice_, carol_}, carol_, {1, 1}})),
            Errc::conversation_not_found);
}

// --- history

TEST_P(RepositoryContract, HistoryIsAscendingWhereverThePageBegins) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 10; ++i) send(id, pair_, i % 2 == 0 ? alice_ : bob_);
  const auto page = [&](HistoryRange range, int limit) {
    return seqs_of(get(messages().find_many_by_conversation(id, range, limit)));
  };
  using enum HistoryRange::From;
  EXPECT_THAT(page({newest, 0}, 3), ElementsAre(8, 9, 10));
  EXPECT_THAT(page({before, 8}, 3), ElementsAre(5, 6, 7));
  EXPECT_THAT(page({before, 3}, 5), ElementsAre(1, 2));
  EXPECT_THAT(page({after, 0}, 2), ElementsAre(1, 2));
  EXPECT_THAT(page({after, 8}, 5), ElementsAre(9, 10));
  EXPECT_THAT(page({before, 1}, 5), IsEmpty());
  EXPECT_THAT(page({after, 10}, 5), IsEmpty());
}

TEST_P(RepositoryContract, HistoryOfNothingIsEmpty) {
  const auto id = open(alice_, bob_);
  EXPECT_THAT(history(id), IsEmpty());
  EXPECT_THAT(history(ConversationId::v7(at(0))), IsEmpty());
}

}  // namespace contract
