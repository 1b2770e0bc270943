// Several nodes on one database: they share conversations and users, and never wait for each other in a circle.
#include <gmock/gmock.h>

#include <random>

#include "postgres/blocking_connection.hpp"
#include "postgres/test_node.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using base::Result;
using base::Task;
using messaging::ConversationId;
using messaging::UserId;
using messaging::UserPair;

constexpr int users = 8;
constexpr base::seconds duration{10};

// What one caller does, again and again, with whatever conversation comes.
struct Caller {
  TestNode& node;
  std::mt19937 random;
  base::SteadyTime end;
  std::uint64_t done = 0;

  int below(int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); }
};

UserPair any_pair(Caller* caller) {
  const int one = caller->below(users);
  const int other = (one + 1 + caller->below(users - 1)) % users;
  return {user("u" + std::to_string(one)), user("u" + std::to_string(other))};
}

template <class T>
void check(const Result<T>& result) {
  if (!result) throw std::runtime_error(std::string(to_string(result.error().code)) + ": " + result.error().detail);
}

Task<bool> one_step(Caller* caller, ConversationId id, UserPair pair) {
  const UserId who = caller->below(2) == 0 ? pair.low() : pair.high();
  const int what = caller->below(20);
  if (what < 12) {
    auto draft = draft_of(id, pair, who);
    const auto stored = co_await caller->node.messages().create(std::move(draft));
    check(stored);
  } else if (what < 18) {
    messaging::ReceiptDraft draft{id, pair, who, {caller->below(2'000), caller->below(1'000)}};
    const auto stored = co_await caller->node.messages().advance_watermarks(std::move(draft));
    check(stored);
  } else {
    const bool can_send = caller->below(2) == 0;
    const auto changed = co_await caller->node.conversations().set_can_send(id, can_send);
    check(changed);
  }
  co_return true;
}

Task<bool> call(Caller* caller) {
  while (caller->node.clock().steady_now() < caller->end) {
    UserPair pair = any_pair(caller);
    const auto now = caller->node.clock().system_now();
    const auto opened = co_await caller->node.conversations().find_or_create(pair, ConversationId::v7(now), now);
    check(opened);
    const auto id = opened->views[0].id;
    for (int i = 0; i < 8; ++i) co_await one_step(caller, id, pair);
    caller->done += 9;
  }
  co_return true;
}

std::int64_t number(const std::string& url, const std::string& query) {
  auto connection = BlockingConnection::open(url).value();
  return std::stoll(std::string(connection.query(query).value().text(0, 0)));
}

TEST(Nodes, ThatShareConversationsAndUsersNeverDeadlock) {
  const auto url = TestServer::instance().empty_database();
  std::uint64_t done = 0;
  {
    TestNode one({.url = url, .writers = 2, .batch_rows_max = 40});
    TestNode other({.url = url, .writers = 2, .batch_rows_max = 40});
    contract::TestLoop loop;
    std::vector<std::unique_ptr<Caller>> callers;
    std::vector<Task<bool>> tasks;
    for (unsigned i = 0; i < 120; ++i) {
      auto& node = i % 2 == 0 ? one : other;
      callers.push_back(std::make_unique<Caller>(Caller{node, std::mt19937(i), node.clock().steady_now() + duration}));
      tasks.push_back(call(callers.back().get()));
    }
    loop.await_all(std::move(tasks));
    for (const auto& caller : callers) done += caller->done;
  }
  EXPECT_GT(done, 1'000u);
  EXPECT_EQ(number(url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);
  for (const auto& finding : run_doctor(url).value()) ADD_FAILURE() << finding.check << ": " << finding.row;
  RecordProperty("operations", static_cast<int>(done));
}

TEST(Nodes, ThatOpenThePairsOfSharedUsersAtOnceMakeOneConversationEach) {
  const auto url = TestServer::instance().empty_database();
  TestNode one({.url = url});
  TestNode other({.url = url});
  contract::TestLoop loop;
  std::vector<Task<Result<messaging::OpenedConversation>>> tasks;
  for (int high = 1; high < 40; ++high) {
    for (int low = 0; low < high; ++low) {
      const UserPair pair(user("u" + std::to_string(low)), user("u" + std::to_string(high)));
      for (auto* node : {&one, &other}) {
        const auto now = node->clock().system_now();
        tasks.push_back(node->conversations().find_or_create(pair, ConversationId::v7(now), now));
      }
    }
  }
  const auto results = loop.await_all(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); i += 2) {
    ASSERT_EQ(results[i].value().views[0].id, results[i + 1].value().views[0].id);
    ASSERT_NE(results[i]->created, results[i + 1]->created);
  }
  for (const auto& finding : run_doctor(url).value()) ADD_FAILURE() << finding.check << ": " << finding.row;
}

}  // namespace
}  // namespace postgres
