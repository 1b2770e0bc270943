// A sound database has no findings; each check finds what breaks its promise.
#include <gmock/gmock.h>

#include <set>

#include "postgres/blocking_connection.hpp"
#include "postgres/postgres_database.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using messaging::DoctorFinding;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Damage {
  std::string check;
  std::string sql;
};

// Conversation 1 is alice's and bob's: three messages by alice, one by bob, bob's receipt: two delivered, one read.
// Conversation 2 is alice's and carol's.
constexpr const char* sound_rows = R"(
  INSERT INTO "Conversation" (id, "createdAt", "lastSeq", "lastMessageAt") VALUES
    ('00000000-0000-4000-8000-000000000001', '2026-01-01 10:00', 4, '2026-01-01 10:04'),
    ('00000000-0000-4000-8000-000000000002', '2026-01-01 11:00', 0, NULL);
  INSERT INTO "Participant" ("userId", "conversationId", "deliveredSeq", "readSeq", "unreadCount",
                             "lastUseq", "ownReceiptUseq", "peerReceiptUseq", "updatedUseq") VALUES
    ('alice', '00000000-0000-4000-8000-000000000001', 0, 0, 1, 7, 0, 7, 1),
    ('bob',   '00000000-0000-4000-8000-000000000001', 2, 1, 2, 6, 6, 0, 1),
    ('alice', '00000000-0000-4000-8000-000000000002', 0, 0, 0, 2, 0, 0, 2),
    ('carol', '00000000-0000-4000-8000-000000000002', 0, 0, 0, 1, 0, 0, 1);
  INSERT INTO "Message" (content, status, "authorId", "conversationId", "createdAt", seq, "authorUseq", "peerUseq") VALUES
    ('a', 'READ',      'alice', '00000000-0000-4000-8000-000000000001', '2026-01-01 10:01', 1, 3, 2),
    ('b', 'DELIVERED', 'alice', '00000000-0000-4000-8000-000000000001', '2026-01-01 10:02', 2, 4, 3),
    ('c', 'SENT',      'bob',   '00000000-0000-4000-8000-000000000001', '2026-01-01 10:03', 3, 4, 5),
    ('d', 'SENT',      'alice', '00000000-0000-4000-8000-000000000001', '2026-01-01 10:04', 4, 6, 5);
  INSERT INTO "UserState" ("userId", "lastUseq") VALUES ('alice', 7), ('bob', 6), ('carol', 1))";

const Damage damages[] = {
    {"schema_objects", R"(DROP INDEX "Message_conversationId_createdAt_idx")"},
    {"schema_objects", R"(UPDATE pg_index SET indisvalid = false
                           WHERE indexrelid = '"Message_conversationId_seq_key"'::regclass)"},
    {"schema_objects", R"(ALTER TABLE "Message" DROP CONSTRAINT "Message_conversationId_fkey")"},
    {"schema_objects", R"(ALTER TABLE "Participant" DISABLE TRIGGER "Participant_joins")"},
    {"foreign_keys", R"(SET session_replication_role = replica;
                        INSERT INTO "Participant" ("userId", "conversationId") VALUES ('dave', gen_random_uuid()))"},
    {"foreign_keys", R"(SET session_replication_role = replica;
                        UPDATE "Message" SET "conversationId" = gen_random_uuid() WHERE seq = 2)"},
    {"service_state", R"(DELETE FROM "ServiceState")"},
    {"two_participants", R"(DELETE FROM "Participant" WHERE "userId" = 'carol')"},
    {"author_participates", R"(UPDATE "Message" SET "authorId" = 'mallory' WHERE seq = 1)"},
    {"seq_dense", R"(DELETE FROM "Message" WHERE seq = 2)"},
    {"seq_dense", R"(UPDATE "Conversation" SET "lastSeq" = "lastSeq" + 1)"},
    {"created_at_order", R"(UPDATE "Message" SET "createdAt" = '2020-01-01' WHERE seq = 3)"},
    {"last_message_at", R"(UPDATE "Conversation" SET "lastMessageAt" = '2020-01-01')"},
    {"last_message_at", R"(UPDATE "Conversation" SET "lastMessageAt" = NULL)"},
    {"activity_at", R"(UPDATE "Participant" SET "activityAt" = '2020-01-01' WHERE "userId" = 'carol')"},
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
    {"feed_head", R"(DELETE FROM "UserState" WHERE "userId" = 'carol')"},
    {"pair_key", R"(UPDATE "Conversation" SET "pairKey" = NULL)"},
    {"pair_key", R"(UPDATE "Conversation" SET "pairKey" = 'alice mallory' WHERE "pairKey" = 'alice bob')"},
};

class Doctor : public ::testing::Test {
 protected:
  Doctor() { execute(url_, sound_rows); }

  static void execute(const std::string& url, const std::string& sql) {
    auto connection = BlockingConnection::open(url).value();
    const auto done = connection.execute(sql);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  const std::string url_ = TestServer::instance().empty_database();
};

TEST_F(Doctor, ASoundDatabaseHasNoFindings) {
  EXPECT_THAT(run_doctor(url_).value(), IsEmpty());
}

TEST_F(Doctor, EveryCheckIsSeenToFail) {
  std::set<std::string> damaged;
  for (const auto& damage : damages) damaged.insert(damage.check);
  for (const auto& check : doctor_checks()) EXPECT_TRUE(damaged.contains(std::string(check.name))) << check.name;
}

TEST_F(Doctor, EachDamageIsFound) {
  for (const auto& damage : damages) {
    const std::string url = TestServer::instance().empty_database();
    execute(url, sound_rows);
    execute(url, damage.sql);
    const auto findings = run_doctor(url);
    ASSERT_TRUE(findings.has_value()) << damage.sql << ": " << findings.error().detail;
    EXPECT_THAT(*findings, Contains(Field(&DoctorFinding::check, damage.check))) << damage.sql;
  }
}

TEST_F(Doctor, ADatabaseThatCannotBeReachedOrHasNoTablesIsAFailure) {
  EXPECT_THAT(run_doctor("postgres://messaging@127.0.0.1:1/none").error().detail, HasSubstr("cannot be reached"));
  EXPECT_THAT(run_doctor(TestServer::instance().blank_database()).error().detail, HasSubstr("messagingd migrate"));
}

}  // namespace
}  // namespace postgres
