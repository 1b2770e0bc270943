// Which operations go together, what becomes of a batch that is split, and what an array looks like on the wire.
#include "postgres/write_batch.hpp"

#include <gmock/gmock.h>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"
#include "postgres/statements.hpp"

namespace postgres {
namespace {

using messaging::ClientMessageId;
using messaging::ConversationId;
using messaging::MessageDraft;
using messaging::MessageId;
using messaging::ReceiptDraft;
using messaging::UserId;
using messaging::UserPair;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const UserPair pair(*UserId::parse("alice"), *UserId::parse("bob"));
const UserPair other_pair(*UserId::parse("alice"), *UserId::parse("carol"));
const base::SystemTime now(base::seconds(1'700'000'000));
const auto id = ConversationId::v7(now);

MessageDraft message(std::optional<ClientMessageId> key = std::nullopt) {
  return {.id = MessageId::v7(now),
          .conversation_id = id,
          .participants = pair,
          .author_id = pair.low(),
          .content = "x",
          .client_message_id = key,
          .created_at = now};
}
ReceiptDraft receipt(const UserPair& of = pair) {
  return {.conversation_id = id, .participants = of, .reader_id = of.low(), .watermarks = {1, 1}};
}

// --- the gate

TEST(BatchGate, MessagesAndReceiptsOfOneConversationGoTogether) {
  BatchGate gate;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.admits(message()));
    EXPECT_TRUE(gate.admits(receipt()));
  }
}

TEST(BatchGate, AKeyOrAMessageIdThatComesAgainBeginsTheNextBatch) {
  const auto key = ClientMessageId::v7(now);
  const auto first = message(key);
  BatchGate gate;
  EXPECT_TRUE(gate.admits(first));
  EXPECT_FALSE(gate.admits(message(key)));
  BatchGate other;
  EXPECT_TRUE(other.admits(first));
  EXPECT_FALSE(other.admits(first));
}

TEST(BatchGate, TheSameKeyOfAnotherAuthorGoesAlong) {
  auto by_the_other = message(ClientMessageId::v7(now));
  BatchGate gate;
  EXPECT_TRUE(gate.admits(by_the_other));
  by_the_other.id = MessageId::v7(now);
  by_the_other.author_id = pair.high();
  EXPECT_TRUE(gate.admits(by_the_other));
}

TEST(BatchGate, WhatFollowsOnAConversationThatIsShownBeginsTheNextBatch) {
  for (const WriteRequest& shown :
       {WriteRequest(OpenDraft{pair, id, now}), WriteRequest(CanSendDraft{id, pair, false})}) {
    BatchGate gate;
    EXPECT_TRUE(gate.admits(message()));
    EXPECT_TRUE(gate.admits(shown));
    EXPECT_TRUE(gate.admits(receipt(other_pair)));
    EXPECT_FALSE(gate.admits(receipt()));
    EXPECT_FALSE(gate.admits(OpenDraft{pair, ConversationId::v7(now), now}));
  }
}

// --- the batch

class Batch : public ::testing::Test {
 protected:
  // Operations whose callers wait; their answers are counted.
  void add(WriteRequest request, base::SteadyTime due = {}) {
    executor_.enter([&] { group_.spawn(wait_for(std::move(request), due)); });
  }
  base::Task<> wait_for(WriteRequest request, base::SteadyTime due) {
    const auto result =
        co_await base::async<base::Result<WriteOutcome>>([&](base::Completion<base::Result<WriteOutcome>> done) {
          operations_.push_back(std::make_unique<PendingWrite>(std::move(request), std::move(done)));
          operations_.back()->due = due;
        });
    if (!result) failed_.push_back(result.error().code);
  }
  // So that nobody waits for ever.
  void fail(WriteBatch batch) {
    batch.fail_all(unavailable("the test ends"));
    for (const auto& operation : batch.take_all()) operation->complete();
  }

  base::ManualClock clock_;
  base::ManualExecutor executor_{clock_};
  base::TaskGroup group_;
  Operations<PendingWrite> operations_;
  std::vector<base::Errc> failed_;
};

TEST_F(Batch, OfMessagesIsOneCallAndOfOpeningsThree) {
  add(message());
  add(receipt());
  WriteBatch plain(std::exchange(operations_, {}));
  EXPECT_THAT(plain.calls(), ElementsAre(::testing::Field(&Call::statement, statement::write_batch)));
  add(OpenDraft{other_pair, id, now});
  WriteBatch opening(std::exchange(operations_, {}));
  EXPECT_THAT(opening.calls(), SizeIs(3));
  fail(std::move(plain));
  fail(std::move(opening));
  EXPECT_THAT(failed_, SizeIs(3));
}

TEST_F(Batch, IsSplitInHalvesThatKeepTheirOrderAndTheirDoubt) {
  for (int i = 0; i < 5; ++i) add(message(), base::SteadyTime(base::seconds(i)));
  WriteBatch batch(std::exchange(operations_, {}));
  batch.is_in_doubt = true;
  WriteBatch second = batch.split_half();
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_EQ(second.size(), 3u);
  EXPECT_EQ(second.due(), base::SteadyTime(base::seconds(2)));
  EXPECT_TRUE(second.is_in_doubt);
  fail(std::move(batch));
  fail(std::move(second));
}

TEST_F(Batch, LosesWhoseTimeIsUp) {
  for (int i = 0; i < 5; ++i) add(message(), base::SteadyTime(base::seconds(i)));
  WriteBatch batch(std::exchange(operations_, {}));
  auto expired = batch.take_expired(base::SteadyTime(base::seconds(2)));
  EXPECT_THAT(expired, SizeIs(3));
  EXPECT_EQ(batch.due(), base::SteadyTime(base::seconds(3)));
  fail(WriteBatch(std::move(expired)));
  fail(std::move(batch));
}

// --- the wire

TEST(BinaryArray, HasPostgresHeaderAndBigEndianElements) {
  BinaryArray array(ElementType::int4);
  array.add(std::int32_t{258});
  array.add_null();
  const std::string expected(
      "\0\0\0\1"
      "\0\0\0\1"
      "\0\0\0\x17"
      "\0\0\0\2"
      "\0\0\0\1"
      "\0\0\0\4"
      "\0\0\1\2"
      "\xff\xff\xff\xff",
      32);
  EXPECT_EQ(array.take(), expected);
}

TEST(BinaryArray, CountsTimesInMicrosecondsFromTheYear2000) {
  EXPECT_EQ(to_binary(postgres_epoch + base::milliseconds(1)), std::string("\0\0\0\0\0\0\x03\xe8", 8));
  EXPECT_EQ(to_binary(after_all_times), std::string("\x7f\xff\xff\xff\xff\xff\xff\xff", 8));
}

}  // namespace
}  // namespace postgres
