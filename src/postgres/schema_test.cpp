// Rows that others than this service insert, with the seed's columns alone: the tables' defaults and triggers make an
// ordinary conversation of them.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "postgres/blocking_connection.hpp"
#include "postgres/postgres_database.hpp"
#include "postgres/test_server.hpp"
#include "test_loop.hpp"

namespace postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* older = "00000000-0000-4000-8000-00000000000a";
constexpr const char* younger = "00000000-0000-4000-8000-00000000000b";

class Schema : public ::testing::Test {
 protected:
  BlockingConnection connect() const { return BlockingConnection::open(url_).value(); }

  std::vector<std::string> column(const std::string& sql) {
    const auto rows = connection_.query(sql);
    if (!rows) return {rows.error().detail};
    std::vector<std::string> values;
    for (std::size_t row = 0; row < rows->size(); ++row) values.emplace_back(rows->at(row, 0).value_or("NULL"));
    return values;
  }
  static std::string conversation(const std::string& id, const std::string& created_at) {
    return R"(INSERT INTO "Conversation" (id, "createdAt") VALUES (')" + id + "', '" + created_at + "');";
  }
  static std::string participants(const std::string& id, const std::vector<std::string>& users) {
    std::string statements;
    for (const auto& user : users) {
      statements += R"(INSERT INTO "Participant" ("userId", "conversationId") VALUES (')" + user + "', '" + id + "');";
    }
    return statements;
  }
  void execute(const std::string& statements) {
    const auto done = connection_.execute(statements);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
  void await_a_waiting_transaction() {
    while (column("SELECT 1 FROM pg_locks WHERE NOT granted").empty()) {
    }
  }
  std::vector<std::string> keys() { return column(R"(SELECT "pairKey" FROM "Conversation" ORDER BY id)"); }
  bool is_sound() { return run_doctor(url_).value().empty(); }

  const std::string url_ = TestServer::instance().empty_database();
  BlockingConnection connection_ = connect();
};

TEST_F(Schema, AConversationWithTheSeedsColumnsAloneIsAnOrdinaryOne) {
  execute(R"(INSERT INTO "Conversation" DEFAULT VALUES;
             INSERT INTO "Participant" ("userId", "conversationId") SELECT name, id FROM "Conversation",
               (VALUES ('alice'), ('Bob')) AS names (name))");
  EXPECT_THAT(keys(), ElementsAre("Bob alice"));
  EXPECT_THAT(column(R"(SELECT DISTINCT p."activityAt" = c."createdAt" FROM "Participant" p, "Conversation" c)"),
              ElementsAre("t"));
  EXPECT_TRUE(is_sound());
}

TEST_F(Schema, OfTwoConversationsOfAPairTheOldestHoldsTheKeyWhicheverComesFirst) {
  execute(conversation(younger, "2026-01-02") + participants(younger, {"alice", "bob"}));
  EXPECT_THAT(keys(), ElementsAre("alice bob"));
  execute(conversation(older, "2026-01-01") + participants(older, {"bob", "alice"}));
  EXPECT_THAT(keys(), ElementsAre("alice bob", "NULL"));
  EXPECT_TRUE(is_sound());
}

TEST_F(Schema, AThirdParticipantOrALeavingOneEndsThePair) {
  execute(conversation(older, "2026-01-01") + participants(older, {"alice", "bob", "carol"}));
  EXPECT_THAT(keys(), ElementsAre("NULL"));
  execute(conversation(younger, "2026-01-02") + participants(younger, {"alice", "bob"}));
  EXPECT_THAT(keys(), ElementsAre("NULL", "alice bob"));
  execute(R"(DELETE FROM "Participant" WHERE "userId" = 'bob')");
  EXPECT_THAT(keys(), ElementsAre("NULL", "NULL"));
}

TEST_F(Schema, TwoTransactionsWithOnePairAtOnceBothSucceedAndTheOldestHoldsTheKey) {
  for (const bool older_commits_first : {true, false}) {
    TestServer::clear(url_);
    auto first = connect();
    const auto [held, waiting] = older_commits_first ? std::pair(older, younger) : std::pair(younger, older);
    const auto created_at = [](const char* id) { return id == older ? "2026-01-01" : "2026-01-02"; };
    ASSERT_TRUE(first.execute("BEGIN;" + conversation(held, created_at(held)) + participants(held, {"alice", "bob"})));
    // Waits for the first within its second participant's trigger.
    auto second = std::async(std::launch::async, [&, id = std::string(waiting), at = std::string(created_at(waiting))] {
      return connect().execute(conversation(id, at) + participants(id, {"alice", "bob"}));
    });
    await_a_waiting_transaction();
    ASSERT_TRUE(first.execute("COMMIT").has_value());
    const auto done = second.get();
    ASSERT_TRUE(done.has_value()) << done.error().detail;
    EXPECT_THAT(keys(), ElementsAre("alice bob", "NULL"));
    EXPECT_TRUE(is_sound());
  }
}

TEST_F(Schema, UnderAStricterIsolationTheLaterOfTwoTransactionsIsToldToTryAgain) {
  execute("BEGIN;" + conversation(older, "2026-01-01") + participants(older, {"alice", "bob"}));
  auto second = std::async(std::launch::async, [&] {
    return connect().execute("BEGIN ISOLATION LEVEL REPEATABLE READ;" + conversation(younger, "2026-01-02") +
                             participants(younger, {"alice", "bob"}));
  });
  await_a_waiting_transaction();
  execute("COMMIT");
  EXPECT_THAT(second.get().error().detail, HasSubstr("at the same time"));
}

TEST_F(Schema, TwoTransactionsThatBringOneParticipantEachMakeAPair) {
  execute(conversation(older, "2026-01-01"));
  execute("BEGIN;" + participants(older, {"alice"}));
  auto second = std::async(std::launch::async, [&] { return connect().execute(participants(older, {"bob"})); });
  await_a_waiting_transaction();
  execute("COMMIT");
  ASSERT_TRUE(second.get().has_value());
  EXPECT_THAT(keys(), ElementsAre("alice bob"));
}

TEST_F(Schema, TheServiceOpensTheOldestConversationOfAPairWhoeverMadeIt) {
  const base::SystemClock clock;
  net::IoThread io_thread(clock, 0);
  const auto database = PostgresDatabase::open({.url = url_}, clock, {&io_thread}).value();
  std::jthread running([&io_thread] { io_thread.run(); });
  contract::TestLoop loop;
  const auto open_conversation = [&] {
    const messaging::UserPair pair(*messaging::UserId::parse("alice"), *messaging::UserId::parse("bob"));
    const auto now = clock.system_now();
    return loop.await(database->conversations().find_or_create(pair, messaging::ConversationId::v7(now), now)).value();
  };

  execute(conversation(younger, "2026-01-02") + participants(younger, {"bob", "alice"}));
  const auto found = open_conversation();
  EXPECT_FALSE(found.created);
  EXPECT_EQ(found.views[0].id.to_string(), younger);
  execute(conversation(older, "2026-01-01") + participants(older, {"alice", "bob"}));
  EXPECT_EQ(open_conversation().views[0].id.to_string(), older);

  database->stop();
  io_thread.stop();
}

TEST_F(Schema, DefaultTimesAreInUtcWhateverTheSessionsTimeZone) {
  execute(R"(SET TimeZone = 'Pacific/Kiritimati'; INSERT INTO "Conversation" DEFAULT VALUES)");
  EXPECT_THAT(
      column(R"(SELECT abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - "createdAt")) < 60 FROM "Conversation")"),
      ElementsAre("t"));
}

TEST_F(Schema, UserIdsAreOrderedByTheirBytes) {
  execute(conversation(older, "2026-01-01") + participants(older, {"a~", "aB"}));
  EXPECT_THAT(column(R"(SELECT "userId" FROM "Participant" ORDER BY "userId")"), ElementsAre("aB", "a~"));
}

TEST_F(Schema, AMessageWithoutASeqIsRefused) {
  execute(conversation(older, "2026-01-01") + participants(older, {"alice", "bob"}));
  const auto refused =
      connection_.execute(R"(INSERT INTO "Message" (content, "authorId", "conversationId") VALUES ('x', 'alice', ')" +
                          std::string(older) + "')");
  EXPECT_THAT(refused.error().detail, HasSubstr("seq"));
  EXPECT_THAT(column(R"(SELECT id FROM "Message")"), IsEmpty());
}

}  // namespace
}  // namespace postgres
