// Opening the file, and what stands in it when others write it.
#include "sqlite/sqlite_database.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "sqlite/doctor.hpp"
#include "sqlite/test_database.hpp"

namespace sqlite {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using messaging::ConversationId;

class Database : public TestDatabase {
 protected:
  // A conversation as the seed's schema writes it.
  void insert(const std::string& id, const std::string& created_at, const std::vector<std::string>& users) {
    execute(R"(INSERT INTO "Conversation" (id, "createdAt") VALUES (')" + id + "', " + created_at + ")");
    for (const auto& name : users) {
      execute(R"(INSERT INTO "Participant" ("userId", "conversationId") VALUES (')" + name + "', '" + id + "')");
    }
  }
  messaging::OpenedConversation open_pair() {
    const auto now = clock_.system_now();
    return get(database_->conversations().find_or_create(pair_, ConversationId::v7(now), now));
  }
  std::vector<std::string> violations() {
    std::vector<std::string> found;
    for (const auto& finding : run_doctor(path()).value()) {
      if (finding.severity == DoctorCheck::Severity::violation) found.push_back(finding.check + ": " + finding.row);
    }
    return found;
  }

  const std::string one_ = "11111111-1111-4111-8111-111111111111";
  const std::string two_ = "22222222-2222-4222-8222-222222222222";
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

// --- the file

TEST_F(Database, ANewFileAndItsFolderAreTheOwnersAlone) {
  const std::string fresh = folder_ / "new" / "messaging.db";
  const auto opened = SqliteDatabase::open({.path = fresh}, clock_);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(mode_of(folder_ / "new"), 0700u);
  for (const char* suffix : {"", "-wal", ".lock"}) EXPECT_EQ(mode_of(fresh + suffix), 0600u) << suffix;
}

TEST_F(Database, AFileThatIsInUseIsRefusedWithTheProcessThatHoldsIt) {
  open();
  EXPECT_THAT(refusal(), HasSubstr("is in use by another process (" + std::to_string(::getpid()) + ")"));
  close();
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(Database, AFileThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  const std::string content(4096, 'x');
  std::ofstream(path()) << content;
  EXPECT_THAT(refusal(), HasSubstr("is damaged or no SQLite database"));
  EXPECT_EQ(std::filesystem::file_size(path()), content.size());
}

TEST_F(Database, AFileWithADamagedSchemaIsRefused) {
  open();
  close();
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file << std::string(400, '\x7f');
  file.close();
  EXPECT_THAT(refusal(), HasSubstr("restore it from a backup"));
}

TEST_F(Database, AFolderThatCannotBeMadeIsRefused) {
  std::ofstream(folder_ / "file") << "x";
  const auto opened = SqliteDatabase::open({.path = folder_ / "file" / "messaging.db"}, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().detail, HasSubstr("cannot"));
}

TEST_F(Database, WhatWasStoredIsThereAfterOpeningAgain) {
  open();
  const auto state = database_->service_state();
  const auto id = open_pair().views[0].id;
  const auto stored = get(database_->messages().create(draft(id, pair_, alice_)));
  close();
  EXPECT_FALSE(std::filesystem::exists(path() + "-wal"));
  open();
  EXPECT_EQ(database_->service_state().key, state.key);
  EXPECT_EQ(get(database_->messages().find_many_by_conversation(id, {}, 10)).front(), stored.message);
}

// --- rows of others

TEST_F(Database, AConversationWithTheSeedsColumnsAloneIsAnOrdinaryOne) {
  open();
  insert(one_, "1700000000123", {"bob", "alice"});
  const auto opened = open_pair();
  EXPECT_FALSE(opened.created);
  EXPECT_EQ(opened.views[0].id.to_string(), one_);
  EXPECT_EQ(opened.views[0].created_at.time_since_epoch().count(), 1'700'000'000'123);

  const auto stored = get(database_->messages().create(draft(opened.views[0].id, pair_, alice_)));
  EXPECT_EQ(stored.message.seq, 1);
  EXPECT_THAT(get(database_->conversations().find_many_by_user(bob_, std::nullopt, 10)).conversations, SizeIs(1));
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(Database, DefaultsOfTheTablesAreValid) {
  open();
  execute(R"(INSERT INTO "Conversation" (id) VALUES (')" + one_ + "')");
  execute(R"(INSERT INTO "Participant" ("userId", "conversationId") VALUES ('alice', ')" + one_ + "'), ('bob', '" +
          one_ + "')");
  for (const auto& id : column(R"(SELECT id FROM "Participant")")) {
    EXPECT_TRUE(base::Uuid::parse(id).has_value()) << id;
    EXPECT_EQ(id[14], '4') << id;
  }
  EXPECT_THAT(column(R"(SELECT abs("createdAt" - 1000 * strftime('%s')) < 60000 FROM "Conversation")"), Each("1"));
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(Database, ATimeThatWasWrittenAsTextBecomesMilliseconds) {
  open();
  insert(one_, "'2026-01-31T09:05:07.042Z'", {"alice", "bob"});
  insert(two_, "'2026-01-31 09:05:07'", {"alice", "carol"});
  EXPECT_EQ(base::to_iso8601(open_pair().views[0].created_at), "2026-01-31T09:05:07.042Z");
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(Database, OfSeveralConversationsOfOnePairTheOldestIsOpened) {
  for (const bool oldest_first : {true, false}) {
    open();
    insert(oldest_first ? one_ : two_, oldest_first ? "1000" : "2000", {"alice", "bob"});
    insert(oldest_first ? two_ : one_, oldest_first ? "2000" : "1000", {"bob", "alice"});
    EXPECT_EQ(open_pair().views[0].id.to_string(), one_);
    EXPECT_EQ(get(database_->conversations().find_header_of_pair(pair_))->id.to_string(), one_);
    EXPECT_THAT(get(database_->conversations().find_many_by_user(alice_, std::nullopt, 10)).conversations, SizeIs(2));
    EXPECT_THAT(violations(), IsEmpty());
    close();
    std::filesystem::remove(path());
  }
}

TEST_F(Database, OfTwoAsOldTheOneWithTheSmallerIdIsOpened) {
  open();
  insert(two_, "1000", {"alice", "bob"});
  insert(one_, "1000", {"alice", "bob"});
  EXPECT_EQ(open_pair().views[0].id.to_string(), one_);
}

TEST_F(Database, AConversationWithoutExactlyTwoParticipantsIsShownToNobody) {
  open();
  insert(one_, "1000", {"alice", "bob", "carol"});
  insert(two_, "1000", {"alice"});
  auto& conversations = database_->conversations();
  for (const auto& id : {*ConversationId::parse(one_), *ConversationId::parse(two_)}) {
    EXPECT_FALSE(get(conversations.find_header(id)).has_value());
    EXPECT_FALSE(get(conversations.find_for_user(id, alice_)).has_value());
    EXPECT_FALSE(get(conversations.set_can_send(id, false)).has_value());
    EXPECT_FALSE(loop_.await(database_->messages().create(draft(id, pair_, alice_))).has_value());
  }
  EXPECT_THAT(get(conversations.find_many_by_user(alice_, std::nullopt, 10)).conversations, IsEmpty());
  EXPECT_TRUE(open_pair().created);
  EXPECT_THAT(violations(), IsEmpty());
  EXPECT_THAT(run_doctor(path()).value(), SizeIs(2));
}

TEST_F(Database, AThirdParticipantEndsTheReplayOfAConversation) {
  open();
  const auto id = open_pair().views[0].id;
  get(database_->messages().create(draft(id, pair_, alice_)));
  execute(R"(INSERT INTO "Participant" ("userId", "conversationId") VALUES ('carol', ')" + id.to_string() + "')");
  EXPECT_THAT(get(database_->feeds().events_since(bob_, 0, 10)).events, IsEmpty());
  EXPECT_TRUE(open_pair().created);
}

}  // namespace
}  // namespace sqlite
