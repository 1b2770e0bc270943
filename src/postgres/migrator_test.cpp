#include "postgres/migrator.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "postgres/postgres_database.hpp"
#include "postgres/server_check.hpp"
#include "postgres/service_state.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Migrator : public ::testing::Test {
 protected:
  BlockingConnection connect() const { return BlockingConnection::open(url_).value(); }

  base::Result<std::vector<std::string>> apply(std::vector<Migration> known) const {
    auto connection = connect();
    return apply_migrations(connection, known);
  }
  base::Result<void> check(std::vector<Migration> known) const {
    auto connection = connect();
    return check_schema(connection, known);
  }
  std::vector<std::string> column(const std::string& sql) const {
    auto connection = connect();
    const auto rows = connection.query(sql).value();
    std::vector<std::string> values;
    for (std::size_t row = 0; row < rows.size(); ++row) values.emplace_back(rows.text(row, 0));
    return values;
  }

  const std::string url_ = TestServer::instance().blank_database();
  const Migration first_{1, 1, "one", "aa", "CREATE TABLE one (a int)"};
  const Migration second_{2, 1, "two", "bb", "CREATE TABLE two (a int); INSERT INTO two VALUES (1)"};
  const Migration contracting_{3, 2, "three", "cc", "DROP TABLE one"};
};

TEST_F(Migrator, EmbeddedVersionsCountFromOneWithoutGaps) {
  int expected = 0;
  for (const auto& migration : migrations()) {
    EXPECT_FALSE(migration.name.empty()) << migration.version;
    EXPECT_EQ(migration.version, ++expected);
    EXPECT_GE(migration.min_compatible, 1);
    EXPECT_LE(migration.min_compatible, migration.version);
    EXPECT_THAT(migration.checksum, SizeIs(64));
    EXPECT_FALSE(migration.sql.empty());
  }
  EXPECT_GE(expected, 1);
}

TEST_F(Migrator, AppliesWhatIsMissingAndNothingTwice) {
  EXPECT_THAT(apply({first_}).value(), ElementsAre("1_one"));
  EXPECT_THAT(apply({first_, second_}).value(), ElementsAre("2_two"));
  EXPECT_THAT(apply({first_, second_}).value(), IsEmpty());
  EXPECT_THAT(column(R"(SELECT name || checksum FROM "SchemaMigration" ORDER BY version)"),
              ElementsAre("oneaa", "twobb"));
}

TEST_F(Migrator, ANewerSchemaIsAcceptedAsLongAsItSaysSo) {
  ASSERT_TRUE(apply({first_, second_}).has_value());
  EXPECT_TRUE(check({first_}).has_value());
  EXPECT_THAT(apply({first_}).value(), IsEmpty());

  ASSERT_TRUE(apply({first_, second_, contracting_}).has_value());
  EXPECT_TRUE(check({first_, second_}).has_value());
  EXPECT_THAT(check({first_}).error().detail, HasSubstr("needs a messagingd for version 2 at least"));
  EXPECT_THAT(apply({first_}).error().detail, HasSubstr("run the messagingd that migrated it, or a newer one"));
}

TEST_F(Migrator, AMigrationThatChangedAfterwardsIsRefused) {
  ASSERT_TRUE(apply({first_}).has_value());
  Migration changed = first_;
  changed.checksum = "cc";
  EXPECT_THAT(apply({changed, second_}).error().detail, HasSubstr("1_one was changed after it was applied"));
  EXPECT_THAT(column("SELECT 1 FROM pg_class WHERE relname = 'two'"), IsEmpty());
}

TEST_F(Migrator, AMigrationThatFailsHalfwayLeavesNothing) {
  const Migration broken{2, 1, "two", "bb", "CREATE TABLE two (a int); INSERT INTO nowhere VALUES (1)"};
  EXPECT_THAT(apply({first_, broken}).error().detail, HasSubstr("2_two failed"));
  EXPECT_THAT(column("SELECT relname FROM pg_class WHERE relname IN ('one', 'two')"), ElementsAre("one"));
  EXPECT_THAT(apply({first_, second_}).value(), ElementsAre("2_two"));
}

TEST_F(Migrator, OfNodesThatStartTogetherOneMigratesAndTheOthersFindItDone) {
  std::vector<base::Result<messaging::MigrateReport>> reports(4);
  {
    std::vector<std::jthread> nodes;
    for (auto& report : reports) nodes.emplace_back([this, &report] { report = migrate(url_, false); });
  }
  std::size_t applied = 0;
  for (const auto& report : reports) {
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    applied += report->applied.size();
  }
  EXPECT_EQ(applied, migrations().size());
}

TEST_F(Migrator, WithoutApplyingADatabaseThatIsBehindIsRefused) {
  EXPECT_THAT(check({first_}).error().detail, HasSubstr("run `messagingd migrate` first"));
  ASSERT_TRUE(apply({first_}).has_value());
  EXPECT_THAT(check({first_, second_}).error().detail, HasSubstr("run `messagingd migrate` first"));
}

TEST_F(Migrator, ANewEpochKeepsTheKey) {
  EXPECT_EQ(migrate(url_, false).value().epoch, 1);
  auto connection = connect();
  const auto before = read_service_state(connection).value();
  EXPECT_EQ(migrate(url_, true).value().epoch, 2);
  EXPECT_EQ(migrate(url_, false).value().epoch, 2);
  EXPECT_EQ(read_service_state(connection).value().epoch, 2);
  EXPECT_EQ(read_service_state(connection).value().key, before.key);
}

TEST_F(Migrator, EachDatabaseHasAKeyOfItsOwn) {
  const std::string other = TestServer::instance().blank_database();
  ASSERT_TRUE(migrate(url_, false).has_value());
  ASSERT_TRUE(migrate(other, false).has_value());
  auto one = connect();
  auto two = BlockingConnection::open(other).value();
  EXPECT_NE(read_service_state(one).value().key, read_service_state(two).value().key);
}

TEST_F(Migrator, AServerThatMayLoseCommitsOrCannotBeWrittenToIsRefused) {
  auto connection = connect();
  EXPECT_TRUE(check_server(connection).has_value());
  ASSERT_TRUE(connection.execute("SET synchronous_commit = off; SET default_transaction_read_only = on").has_value());
  const auto refused = check_server(connection);
  EXPECT_THAT(refused.error().detail, HasSubstr("synchronous_commit=off"));
  EXPECT_THAT(refused.error().detail, HasSubstr("can only be read"));
}

TEST(BlockingConnection, NoFailureShowsThePassword) {
  // Port 1 is nobody's; the other ones are read in parts, each of which libpq would quote.
  for (const std::string url :
       {"postgres://u:hush@127.0.0.1:1/d", "postgres://u:%zzhush@127.0.0.1/d", "postgres://u:a@hush@127.0.0.1/d",
        "postgres://u:hush/b@127.0.0.1/d", "postgres://u:1/hush@127.0.0.1/d", "postgres://u:p@127.0.0.1/d?hush=1",
        "host=127.0.0.1 port=1 password=hush"}) {
    const auto opened = BlockingConnection::open(url);
    ASSERT_FALSE(opened.has_value()) << url;
    EXPECT_THAT(opened.error().detail, Not(HasSubstr("hush"))) << url;
    EXPECT_THAT(opened.error().detail, Not(HasSubstr("\n"))) << url;
  }
}

}  // namespace
}  // namespace postgres
