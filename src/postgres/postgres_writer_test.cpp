// Batches: what fails alone, what is found out again after a lost connection, what waits and what is refused.
#include <gmock/gmock.h>

#include "postgres/blocking_connection.hpp"
#include "postgres/test_node.hpp"
#include "postgres/test_proxy.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using base::Errc;
using base::Result;
using base::Task;
using messaging::ClientMessageId;
using messaging::ConversationId;
using messaging::PairPositions;
using messaging::ReceiptDraft;
using messaging::Seq;
using messaging::StoredMessage;
using messaging::Watermarks;
using ::testing::IsEmpty;

class Writer : public ::testing::Test {
 protected:
  Writer() : url_(TestServer::instance().empty_database()), proxy_(url_) { start({}); }
  ~Writer() override {
    node_.reset();
    for (const auto& finding : run_doctor(url_).value()) ADD_FAILURE() << finding.check << ": " << finding.row;
  }

  void start(Options options) {
    node_.reset();
    options.url = proxy_.url();
    node_ = std::make_unique<TestNode>(std::move(options));
    // Operations may have less time than the first connections on a busy machine.
    wait_for_all_connections();
  }
  template <class T>
  T get(Task<Result<T>> task) {
    auto result = loop_.await(std::move(task));
    if (!result) throw std::runtime_error(std::string(to_string(result.error().code)) + " " + result.error().detail);
    return *std::move(result);
  }
  ConversationId open(const messaging::UserPair& pair) {
    const auto now = node_->clock().system_now();
    return get(node_->conversations().find_or_create(pair, ConversationId::v7(now), now)).views[0].id;
  }
  // Each round waits for a connection, or for an operation's deadline.
  void wait_for_all_connections() {
    const base::Deadline deadline(node_->clock(), base::milliseconds(10'000));
    while (!node_->database().trouble().empty() && !deadline.has_passed(node_->clock().steady_now()))
      (void)loop_.await(node_->feeds().head(alice_));
    EXPECT_EQ(node_->database().trouble(), "");
  }
  Task<Result<StoredMessage>> create(const ConversationId& id, std::string content = "x") {
    return node_->messages().create(draft_of(id, pair_, alice_, std::move(content)));
  }
  std::vector<Result<StoredMessage>> create_all(const ConversationId& id, const std::vector<std::string>& contents) {
    std::vector<Task<Result<StoredMessage>>> tasks;
    for (const auto& content : contents) tasks.push_back(create(id, content));
    return loop_.await_all(std::move(tasks));
  }

  const messaging::UserId alice_ = user("alice");
  const messaging::UserId bob_ = user("bob");
  const messaging::UserPair pair_{alice_, bob_};
  const std::string url_;
  TestProxy proxy_;
  contract::TestLoop loop_;
  std::unique_ptr<TestNode> node_;
};

Errc code_of(const Result<StoredMessage>& result) {
  return result ? throw std::runtime_error("a failure was expected") : result.error().code;
}

// --- batches

TEST_F(Writer, AContentThatTheServerRefusesFailsAloneAndLeavesNoGap) {
  const auto id = open(pair_);
  const std::string nul("a\0b", 3);
  const auto results = create_all(id, {"1", nul, "2", "3", "\xff", "4"});
  std::vector<Seq> seqs;
  for (const auto& result : results) seqs.push_back(result ? result->message.seq : 0);
  EXPECT_THAT(seqs, ::testing::ElementsAre(1, 0, 2, 3, 0, 4));
  EXPECT_EQ(code_of(results[1]), Errc::storage_unavailable);
}

TEST_F(Writer, OperationsOfOneBatchTakeEffectInTheOrderOfTheQueue) {
  const auto id = open(pair_);
  std::vector<Task<Result<PairPositions>>> tasks;
  const auto send = [](TestNode* node, messaging::MessageDraft draft) -> Task<Result<PairPositions>> {
    auto stored = co_await node->messages().create(std::move(draft));
    if (!stored) co_return base::forward(stored);
    co_return stored->positions;
  };
  const auto mark = [](TestNode* node, ReceiptDraft draft) -> Task<Result<PairPositions>> {
    auto stored = co_await node->messages().advance_watermarks(std::move(draft));
    if (!stored) co_return base::forward(stored);
    co_return stored->positions;
  };
  // Each receipt reaches as far as it can: up to the messages before it.
  constexpr Seq all = 99;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(send(node_.get(), draft_of(id, pair_, alice_)));
    tasks.push_back(mark(node_.get(), {id, pair_, bob_, {.delivered_seq = all, .read_seq = i}}));
  }
  const auto results = loop_.await_all(std::move(tasks));
  messaging::Position position = 1;
  for (const auto& result : results) {
    ++position;
    EXPECT_EQ(result.value(), (PairPositions{position, position}));
  }
  const auto seen = get(node_->conversations().find_for_user(id, bob_)).value();
  EXPECT_EQ(seen.participants[1].watermarks, (Watermarks{.delivered_seq = 3, .read_seq = 2}));
  EXPECT_EQ(seen.unread_count, 1);
}

TEST_F(Writer, TheSameKeyTwiceAtOnceIsStoredOnce) {
  const auto id = open(pair_);
  std::vector<Task<Result<StoredMessage>>> tasks;
  const auto key = ClientMessageId::v7(node_->clock().system_now());
  for (int i = 0; i < 4; ++i) {
    auto draft = draft_of(id, pair_, alice_, std::to_string(i));
    draft.client_message_id = key;
    tasks.push_back(node_->messages().create(draft));
    tasks.push_back(create(id));
  }
  const auto results = loop_.await_all(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); i += 2) {
    EXPECT_EQ(results[i]->message.content, "0");
    EXPECT_EQ(results[i]->duplicate, i > 0);
  }
  EXPECT_EQ(results.back()->message.seq, 5);
}

TEST_F(Writer, OpeningAndChangingCanSendShowTheConversationAsItIsInTheirTurn) {
  const auto id = open(pair_);
  std::vector<Task<Result<Seq>>> tasks;
  const auto send = [](TestNode* node, messaging::MessageDraft draft) -> Task<Result<Seq>> {
    auto stored = co_await node->messages().create(std::move(draft));
    if (!stored) co_return base::forward(stored);
    co_return stored->message.seq;
  };
  const auto reopen = [](TestNode* node, messaging::UserPair pair) -> Task<Result<Seq>> {
    const auto now = node->clock().system_now();
    auto opened = co_await node->conversations().find_or_create(std::move(pair), ConversationId::v7(now), now);
    if (!opened) co_return base::forward(opened);
    co_return opened->views[0].last_seq;
  };
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(send(node_.get(), draft_of(id, pair_, alice_)));
    tasks.push_back(reopen(node_.get(), pair_));
  }
  for (const auto& result : loop_.await_all(std::move(tasks))) EXPECT_GE(result.value(), 0);
  const auto changed = get(node_->conversations().set_can_send(id, false)).value();
  EXPECT_EQ(changed.views[0].last_seq, 3);
  EXPECT_EQ(changed.views[1].unread_count, 3);
}

TEST_F(Writer, AFullQueueRefusesAndSaysSo) {
  start({.url = {}, .queue_max = 3});
  const auto id = open(pair_);
  proxy_.hang(true);
  std::vector<Task<Result<StoredMessage>>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(create(id));
  const auto let_go = [](TestProxy* proxy) -> Task<Result<StoredMessage>> {
    proxy->hang(false);
    co_return StoredMessage{};
  };
  tasks.push_back(let_go(&proxy_));
  const auto results = loop_.await_all(std::move(tasks));
  EXPECT_TRUE(results.front().has_value());
  EXPECT_EQ(code_of(results[9]), Errc::overloaded);
}

TEST_F(Writer, StopCommitsWhatIsQueuedAndRefusesWhatComesLater) {
  start({.url = {}, .batch_rows_max = 4});
  const auto id = open(pair_);
  std::vector<Task<Result<StoredMessage>>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(create(id));
  const auto stop = [](TestNode* node) -> Task<Result<StoredMessage>> {
    node->database().stop();
    co_return StoredMessage{};
  };
  tasks.push_back(stop(node_.get()));
  tasks.push_back(create(id, "too late"));
  const auto results = loop_.await_all(std::move(tasks));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(results[i].value().message.seq, static_cast<Seq>(i) + 1);
  EXPECT_EQ(code_of(results.back()), Errc::server_draining);
}

// --- the connection

TEST_F(Writer, ACommitWhoseAnswerIsLostIsAnsweredAsItWasStored) {
  const auto id = open(pair_);
  for (int round = 1; round <= 5; ++round) {
    proxy_.cut_after_next_commit();
    const auto results = create_all(id, {"a", "b", "c"});
    ASSERT_EQ(proxy_.cuts_made(), round);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Seq seq = 3 * (round - 1) + static_cast<Seq>(i) + 1;
      ASSERT_TRUE(results[i].has_value()) << results[i].error().detail;
      EXPECT_EQ(results[i]->message.seq, seq);
      EXPECT_FALSE(results[i]->duplicate);
      // Opening took position 1.
      EXPECT_EQ(results[i]->positions, (PairPositions{seq + 1, seq + 1}));
    }
  }
}

TEST_F(Writer, AReceiptAndAChangeOfCanSendWhoseAnswersAreLostAreStillPublished) {
  const auto id = open(pair_);
  get(create(id));
  proxy_.cut_after_next_commit();
  const auto receipt = get(node_->messages().advance_watermarks({id, pair_, bob_, {1, 1}}));
  EXPECT_TRUE(receipt.moved);
  EXPECT_EQ(receipt.positions, (PairPositions{3, 3}));
  proxy_.cut_after_next_commit();
  const auto change = get(node_->conversations().set_can_send(id, false));
  EXPECT_EQ(change.value().positions, (PairPositions{4, 4}));
  EXPECT_EQ(proxy_.cuts_made(), 2);
}

TEST_F(Writer, AnOpeningWhoseAnswerIsLostIsStillTheOneThatCreated) {
  proxy_.cut_after_next_commit();
  const auto now = node_->clock().system_now();
  const auto opened = get(node_->conversations().find_or_create(pair_, ConversationId::v7(now), now));
  EXPECT_TRUE(opened.created);
  EXPECT_EQ(opened.positions, (PairPositions{1, 1}));
  EXPECT_EQ(proxy_.cuts_made(), 1);
}

TEST_F(Writer, AServerThatIsAwayFailsOperationsInTimeAndIsFoundAgain) {
  start({.url = {}, .operation_time_max = base::milliseconds(500)});
  const auto id = open(pair_);
  wait_for_all_connections();
  proxy_.refuse(true);
  EXPECT_EQ(code_of(loop_.await(create(id))), Errc::storage_unavailable);
  EXPECT_NE(node_->database().trouble(), "");
  EXPECT_FALSE(loop_.await(node_->feeds().head(alice_)).has_value());
  proxy_.refuse(false);
  // The pause before the next try may be longer than these operations live.
  Result<StoredMessage> stored = loop_.await(create(id));
  for (int i = 0; i < 20 && !stored; ++i) stored = loop_.await(create(id));
  EXPECT_TRUE(stored.has_value());
  wait_for_all_connections();
}

TEST_F(Writer, AConnectionThatHangsIsThrownAway) {
  start({.url = {}, .operation_time_max = base::milliseconds(500)});
  const auto id = open(pair_);
  proxy_.hang(true);
  EXPECT_EQ(code_of(loop_.await(create(id, "in doubt"))), Errc::storage_unavailable);
  EXPECT_FALSE(loop_.await(node_->feeds().head(alice_)).has_value());
  proxy_.hang(false);
  Result<StoredMessage> stored = loop_.await(create(id));
  for (int i = 0; i < 20 && !stored; ++i) stored = loop_.await(create(id));
  EXPECT_TRUE(stored.has_value());
}

TEST_F(Writer, ABackendThatIsTerminatedCostsNothing) {
  const auto id = open(pair_);
  std::vector<Task<Result<StoredMessage>>> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(create(id));
  const auto terminate = [](std::string url) -> Task<Result<StoredMessage>> {
    auto connection = BlockingConnection::open(url).value();
    connection
        .query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()")
        .value();
    co_return StoredMessage{};
  };
  tasks.push_back(terminate(url_));
  for (int i = 0; i < 200; ++i) tasks.push_back(create(id));
  const auto results = loop_.await_all(std::move(tasks));
  for (const auto& result : results) EXPECT_TRUE(result.has_value()) << result.error().detail;
  EXPECT_EQ(get(node_->messages().find_many_by_conversation(id, {}, 1)).front().seq, 400);
}

}  // namespace
}  // namespace postgres
