// A sound database has no findings; each check finds what breaks its promise.
#include "sqlite/doctor.hpp"

#include <gmock/gmock.h>

#include <set>

#include "sqlite/test_database.hpp"

namespace sqlite {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

struct Damage {
  std::string check;
  std::string sql;
};

// Conversation 1 is alice's and bob's: three messages by alice, one by bob, receipts. Conversation 2 is alice's and
// carol's.
const Damage damages[] = {
    {"file_integrity", R"(PRAGMA writable_schema = ON;
                          DELETE FROM sqlite_schema WHERE name = 'Message_conversationId_createdAt_idx')"},
    {"foreign_keys", R"(PRAGMA foreign_keys = OFF;
                        INSERT INTO "Participant" ("userId", "conversationId", "activityAt") VALUES ('dave', 'nowhere', 1))"},
    {"service_state", R"(DELETE FROM "ServiceState")"},
    {"two_participants", R"(DELETE FROM "Participant" WHERE "userId" = 'carol')"},
    {"author_participates", R"(UPDATE "Message" SET "authorId" = 'mallory' WHERE seq = 1)"},
    {"seq_dense", R"(DELETE FROM "Message" WHERE seq = 2)"},
    {"seq_dense", R"(UPDATE "Conversation" SET "lastSeq" = "lastSeq" + 1)"},
    {"created_at_order", R"(UPDATE "Message" SET "createdAt" = 5 WHERE seq = 3)"},
    {"last_message_at", R"(UPDATE "Conversation" SET "lastMessageAt" = 5)"},
    {"activity_at", R"(UPDATE "Participant" SET "activityAt" = 5 WHERE "userId" = 'carol')"},
    {"watermark_order", R"(UPDATE "Participant" SET "readSeq" = "deliveredSeq" + 1 WHERE "userId" = 'bob')"},
    {"watermark_order", R"(UPDATE "Participant" SET "deliveredSeq" = 99)"},
    {"message_status", R"(UPDATE "Message" SET status = 'SENT' WHERE seq = 1)"},
    {"message_status", R"(UPDATE "Message" SET status = 'READ' WHERE seq = 4)"},
    {"unread_count", R"(UPDATE "Participant" SET "unreadCount" = 7 WHERE "userId" = 'bob')"},
    {"positions_unique", R"(UPDATE "Participant" SET "updatedUseq" = "ownReceiptUseq" WHERE "userId" = 'bob')"},
    {"positions_unique", R"(UPDATE "Message" SET "peerUseq" = 3 WHERE seq IN (1, 2))"},
    {"positions_rise", R"(UPDATE "Message" SET "authorUseq" = 100 - seq)"},
    {"positions_rise", R"(UPDATE "Message" SET "peerUseq" = 0 WHERE seq = 1)"},
    {"last_position", R"(UPDATE "Participant" SET "lastUseq" = "lastUseq" - 1 WHERE "userId" = 'carol')"},
    {"feed_head", R"(UPDATE "UserState" SET "lastUseq" = 1)"},
    {"pair_key", R"(UPDATE "Conversation" SET "pairKey" = NULL)"},
    {"pair_key", R"(UPDATE "Conversation" SET "pairKey" = 'alice mallory' WHERE "pairKey" = 'alice bob')"},
};

class Doctor : public TestDatabase {
 protected:
  void SetUp() override {
    open();
    const auto carol = user("carol");
    const auto now = clock_.system_now();
    auto& messages = database_->messages();
    const auto id =
        get(database_->conversations().find_or_create(pair_, messaging::ConversationId::v7(now), now)).views[0].id;
    get(database_->conversations().find_or_create({alice_, carol}, messaging::ConversationId::v7(now), now));
    for (const auto& author : {alice_, alice_, bob_, alice_}) {
      clock_.advance(base::milliseconds(10));
      get(messages.create(draft(id, pair_, author)));
    }
    get(messages.advance_watermarks({id, pair_, bob_, {.delivered_seq = 2, .read_seq = 1}}));
    close();
  }
};

TEST_F(Doctor, ASoundDatabaseHasNoFindings) {
  EXPECT_THAT(run_doctor(path()).value(), IsEmpty());
}

TEST_F(Doctor, EveryCheckIsSeenToFail) {
  std::set<std::string> damaged;
  for (const auto& damage : damages) damaged.insert(damage.check);
  for (const auto& check : doctor_checks()) EXPECT_TRUE(damaged.contains(std::string(check.name))) << check.name;
}

TEST_F(Doctor, EachDamageIsFound) {
  const std::string sound = folder_ / "sound.db";
  std::filesystem::copy_file(path(), sound);
  for (const auto& damage : damages) {
    std::filesystem::copy_file(sound, path(), std::filesystem::copy_options::overwrite_existing);
    execute(damage.sql);
    const auto findings = run_doctor(path());
    ASSERT_TRUE(findings.has_value()) << damage.sql << ": " << findings.error().detail;
    EXPECT_THAT(*findings, Contains(Field(&DoctorFinding::check, damage.check))) << damage.sql;
  }
}

TEST_F(Doctor, AFileThatCannotBeOpenedIsAFailure) {
  EXPECT_FALSE(run_doctor(folder_ / "missing.db").has_value());
}

}  // namespace
}  // namespace sqlite
