// Opening and closing: what is refused, with which sentence, and what needs no running event loop.
#include "postgres/postgres_database.hpp"

#include <gmock/gmock.h>

#include "postgres/blocking_connection.hpp"
#include "postgres/test_node.hpp"
#include "postgres/test_proxy.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Opening : public ::testing::Test {
 protected:
  // The sentence that opening fails with.
  std::string refusal(Options options) {
    options.start_time_max = base::milliseconds(300);
    const auto opened = PostgresDatabase::open(std::move(options), clock_, {&thread_});
    return opened ? "opened" : opened.error().detail;
  }

  base::SystemClock clock_;
  net::IoThread thread_{clock_, 0};
};

TEST_F(Opening, ABlankDatabaseIsMigratedAndKeepsItsState) {
  const auto url = TestServer::instance().blank_database();
  const auto key_of = [&] { return TestNode({.url = url}).database().service_state().key; };
  const auto key = key_of();
  EXPECT_EQ(key_of(), key);
}

TEST_F(Opening, ABlankDatabaseIsRefusedWhereMigratingIsAStepOfItsOwn) {
  const auto url = TestServer::instance().blank_database();
  EXPECT_THAT(refusal({.url = url, .apply_migrations = false}), HasSubstr("messagingd migrate"));
  EXPECT_EQ(refusal({.url = url}), "opened");
  EXPECT_EQ(refusal({.url = url, .apply_migrations = false}), "opened");
}

TEST_F(Opening, AServerThatDoesNotComeIsNamedWithoutThePassword) {
  TestProxy proxy(TestServer::instance().empty_database());
  proxy.refuse(true);
  auto url = proxy.url();
  url.insert(url.find('@'), ":s3cret");
  EXPECT_THAT(refusal({.url = url}), HasSubstr("127.0.0.1"));
  EXPECT_THAT(refusal({.url = url}), Not(HasSubstr("s3cret")));
}

TEST_F(Opening, ADatabaseThatCanOnlyBeReadIsRefused) {
  const auto url = TestServer::instance().empty_database();
  auto connection = BlockingConnection::open(url).value();
  ASSERT_TRUE(connection
                  .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
                           "current_database()); END $$")
                  .has_value());
  EXPECT_THAT(refusal({.url = url}), HasSubstr("only be read"));
}

// The application opens the database first, and may fail to start after it.
TEST_F(Opening, ADatabaseIsClosedWhereItsThreadsNeverRan) {
  const auto url = TestServer::instance().empty_database();
  const auto opened = PostgresDatabase::open({.url = url}, clock_, {&thread_});
  ASSERT_TRUE(opened.has_value());
  EXPECT_THAT((*opened)->trouble(), HasSubstr("no connection"));
  (*opened)->stop();
}

TEST_F(Opening, ASessionIsLostToAServerThatTurnsReadOnlyAndReadinessSaysWhy) {
  const auto url = TestServer::instance().empty_database();
  TestNode node({.url = url, .operation_time_max = base::milliseconds(300)});
  contract::TestLoop loop;
  // The first connections may take longer than these operations live.
  const base::Deadline connected_by(node.clock(), base::milliseconds(10'000));
  while (!node.database().trouble().empty() && !connected_by.has_passed(node.clock().steady_now()))
    (void)loop.await(node.feeds().head(user("alice")));
  ASSERT_EQ(node.database().trouble(), "");
  auto connection = BlockingConnection::open(url).value();
  ASSERT_TRUE(connection
                  .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
                           "current_database()); PERFORM pg_terminate_backend(pid) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$")
                  .has_value());
  // Each round waits for an operation's deadline, or for a connection that is refused.
  const auto is_told = [&] { return node.database().trouble().contains("read"); };
  const messaging::UserPair pair(user("alice"), user("bob"));
  const auto now = node.clock().system_now();
  for (int i = 0; i < 50 && !is_told(); ++i) {
    const auto opened = loop.await(node.conversations().find_or_create(pair, messaging::ConversationId::v7(now), now));
    EXPECT_FALSE(opened.has_value());
  }
  EXPECT_TRUE(is_told()) << node.database().trouble();
  EXPECT_TRUE(loop.await(node.feeds().head(user("alice"))).has_value()) << "what needs no write goes on";
}

}  // namespace
}  // namespace postgres
