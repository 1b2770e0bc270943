// What holds when many call at once, from several executors' threads.
#include <latch>
#include <set>
#include <thread>

#include "repository_contract.hpp"

namespace contract {

using ::testing::ElementsAreArray;

constexpr int threads = 4;

// Runs `on_thread(index, loop)` on several threads that begin together; each has an executor of its own.
template <class OnThread>
void at_once(OnThread on_thread) {
  std::latch start(threads);
  std::vector<std::jthread> running;
  for (int index = 0; index < threads; ++index) {
    running.emplace_back([&, index] {
      TestLoop loop;
      start.arrive_and_wait();
      on_thread(index, loop);
    });
  }
}

std::vector<Seq> one_to(Seq last) {
  std::vector<Seq> all;
  for (Seq seq = 1; seq <= last; ++seq) all.push_back(seq);
  return all;
}

TEST_P(RepositoryContract, CreatesAtOnceGiveDenseSeqsAndPositionsInOneOrder) {
  constexpr int each = 60;
  const auto id = open(alice_, bob_);
  std::vector<std::vector<Result<StoredMessage>>> by_thread(threads);
  at_once([&](int index, TestLoop& loop) {
    std::vector<Task<Result<StoredMessage>>> tasks;
    for (int i = 0; i < each; ++i) {
      tasks.push_back(messages().create(draft(id, pair_, index % 2 == 0 ? alice_ : bob_, "x", at(i))));
    }
    by_thread[static_cast<std::size_t>(index)] = loop.await_all(std::move(tasks));
  });

  std::map<Seq, StoredMessage> by_seq;
  for (const auto& results : by_thread) {
    Seq before = 0;
    for (const auto& result : results) {
      ASSERT_TRUE(result.has_value());
      // What one thread asked for first came first.
      EXPECT_GT(result->message.seq, before);
      before = result->message.seq;
      by_seq.emplace(before, *result);
    }
  }
  std::vector<Seq> seqs;
  Position position = 1;
  SystemTime before{};
  for (const auto& [seq, stored] : by_seq) {
    seqs.push_back(seq);
    ++position;
    EXPECT_EQ(stored.positions, (PairPositions{position, position}));
    EXPECT_GE(stored.message.created_at, before);
    before = stored.message.created_at;
  }
  EXPECT_THAT(seqs, ElementsAreArray(one_to(threads * each)));
}

TEST_P(RepositoryContract, TheSameClientMessageIdAtOnceGivesOneRow) {
  const auto id = open(alice_, bob_);
  const auto key = ClientMessageId::v7(at(0));
  std::vector<Result<StoredMessage>> results(threads, base::fail(base::Errc::internal));
  at_once([&](int index, TestLoop& loop) {
    auto wanted = draft(id, pair_, alice_, std::to_string(index));
    wanted.client_message_id = key;
    results[static_cast<std::size_t>(index)] = loop.await(messages().create(wanted));
  });
  ASSERT_EQ(history(id).size(), 1u);
  int stored = 0;
  for (const auto& result : results) {
    EXPECT_EQ(result.value().message, history(id).front());
    if (!result->duplicate) ++stored;
  }
  EXPECT_EQ(stored, 1);
}

TEST_P(RepositoryContract, OpeningFromBothSidesAtOnceGivesOneConversation) {
  std::vector<Result<OpenedConversation>> results(threads, base::fail(base::Errc::internal));
  at_once([&](int index, TestLoop& loop) {
    results[static_cast<std::size_t>(index)] =
        loop.await(conversations().find_or_create(pair_, ConversationId::v7(at(index)), at(index)));
  });
  std::set<ConversationId> ids;
  int created = 0;
  for (const auto& result : results) {
    ids.insert(result.value().views[0].id);
    if (result->created) ++created;
  }
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(get(feeds().head(alice_)), 1);
}

TEST_P(RepositoryContract, OfThoseWhoSetCanSendAtOnceOneGetsTheChange) {
  const auto id = open(alice_, bob_);
  std::atomic<int> changes = 0;
  at_once([&](int, TestLoop& loop) {
    const auto result = loop.await(conversations().set_can_send(id, false));
    if (result.value().has_value()) ++changes;
  });
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(get(feeds().head(bob_)), 2);
}

TEST_P(RepositoryContract, WhatWasReturnedIsSeenByEveryLaterRead) {
  const auto id = open(alice_, bob_);
  for (int i = 0; i < 50; ++i) {
    const auto stored = send(id, pair_, alice_);
    ASSERT_EQ(get(feeds().head(bob_)), stored.positions.high);
    ASSERT_EQ(history(id, 1).front(), stored.message);
  }
}

TEST_P(RepositoryContract, AfterStopEverythingIsDraining) {
  const auto id = open(alice_, bob_);
  storage_->stop();
  EXPECT_EQ(error_of(messages().create(draft(id, pair_, alice_))), base::Errc::server_draining);
  EXPECT_EQ(error_of(conversations().find_header(id)), base::Errc::server_draining);
  EXPECT_EQ(error_of(feeds().head(alice_)), base::Errc::server_draining);
}

}  // namespace contract
