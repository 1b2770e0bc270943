#include "sqlite/migrator.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "sqlite/test_database.hpp"

namespace sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Migrator : public TestDatabase {
 protected:
  Migrator() { std::ofstream(path()).flush(); }

  base::Result<std::vector<std::string>> apply(std::vector<Migration> known) {
    Connection connection(path(), Connection::Mode::read_write);
    return apply_migrations(connection, known, clock_);
  }

  const Migration first_{1, "one", "aa", "CREATE TABLE one (a)"};
  const Migration second_{2, "two", "bb", "CREATE TABLE two (a); INSERT INTO two VALUES (1)"};
};

TEST_F(Migrator, EmbeddedVersionsCountFromOneWithoutGaps) {
  int expected = 0;
  for (const auto& migration : migrations()) {
    EXPECT_FALSE(migration.name.empty()) << migration.version;
    EXPECT_EQ(migration.version, ++expected);
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

TEST_F(Migrator, ADatabaseThatIsNewerIsRefused) {
  ASSERT_TRUE(apply({first_, second_}).has_value());
  EXPECT_THAT(apply({first_}).error().detail, HasSubstr("run the messagingd that migrated it, or a newer one"));
}

TEST_F(Migrator, AMigrationThatChangedAfterwardsIsRefused) {
  ASSERT_TRUE(apply({first_}).has_value());
  Migration changed = first_;
  changed.checksum = "cc";
  EXPECT_THAT(apply({changed, second_}).error().detail, HasSubstr("1_one was changed after it was applied"));
  EXPECT_THAT(column("SELECT name FROM sqlite_schema WHERE name = 'two'"), IsEmpty());
}

TEST_F(Migrator, AMigrationThatFailsHalfwayLeavesNothing) {
  const Migration broken{2, "two", "bb", "CREATE TABLE two (a); INSERT INTO nowhere VALUES (1)"};
  EXPECT_THAT(apply({first_, broken}).error().detail, HasSubstr("2_two failed"));
  EXPECT_THAT(column("SELECT name FROM sqlite_schema WHERE name IN ('one', 'two')"), ElementsAre("one"));
  EXPECT_THAT(apply({first_, second_}).value(), ElementsAre("2_two"));
}

TEST_F(Migrator, WithoutApplyingADatabaseThatIsBehindIsRefused) {
  EXPECT_THAT(refusal(false), HasSubstr("run `messagingd migrate` first"));
  ASSERT_TRUE(migrate(path(), clock_, false).has_value());
  EXPECT_EQ(refusal(false), "opened");
}

TEST_F(Migrator, ANewEpochKeepsTheKey) {
  open();
  const auto before = database_->service_state();
  close();
  EXPECT_EQ(migrate(path(), clock_, true).value().epoch, before.epoch + 1);
  EXPECT_EQ(migrate(path(), clock_, false).value().epoch, before.epoch + 1);
  open();
  EXPECT_EQ(database_->service_state().epoch, before.epoch + 1);
  EXPECT_EQ(database_->service_state().key, before.key);
}

}  // namespace
}  // namespace sqlite
