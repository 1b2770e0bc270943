// What the readers' statements touch, for a user with a thousand conversations among many: pages found by an index, and
// no more of them with every conversation or message that lies beside what was asked for.
#include <gmock/gmock.h>

#include <charconv>
#include <set>

#include "postgres/blocking_connection.hpp"
#include "postgres/statements.hpp"
#include "postgres/test_server.hpp"

namespace postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// "hub" has 1000 conversations of ten messages each, in which it wrote every second one; their rows lie scattered among
// those of other pairs.
constexpr const char* many_rows = R"(
  INSERT INTO "Conversation" (id, "lastSeq", "lastMessageAt", "pairKey")
    SELECT md5('c' || i)::uuid, 10, '2026-01-01'::timestamp + i * interval '1 min', 'hub u' || i FROM generate_series(1, 1000) AS i;
  INSERT INTO "Conversation" (id) SELECT md5('o' || i)::uuid FROM generate_series(1, 5000) AS i;
  ALTER TABLE "Participant" DISABLE TRIGGER USER;
  INSERT INTO "Participant" ("userId", "conversationId", "activityAt", "lastUseq") SELECT * FROM (
    SELECT CASE side WHEN 1 THEN 'hub' ELSE 'u' || i END, md5('c' || i)::uuid, '2026-01-01'::timestamp + i * interval '1 min',
           CASE side WHEN 1 THEN 10 * i ELSE 10 END
      FROM generate_series(1, 1000) AS i, generate_series(1, 2) AS side
    UNION ALL
    SELECT 'o' || i || '-' || side, md5('o' || i)::uuid, '2026-01-01', 0 FROM generate_series(1, 5000) AS i, generate_series(1, 2) AS side
    ) AS scattered ORDER BY random();
  ALTER TABLE "Participant" ENABLE TRIGGER USER;
  INSERT INTO "Message" (id, content, "authorId", "conversationId", "createdAt", seq, "clientMessageId", "authorUseq", "peerUseq")
    SELECT md5('m' || i || '-' || s)::uuid, 'hello', CASE s % 2 WHEN 0 THEN 'hub' ELSE 'u' || i END, md5('c' || i)::uuid,
           '2026-01-01'::timestamp + i * interval '1 min', s, md5('k' || i || '-' || s)::uuid,
           CASE s % 2 WHEN 0 THEN 10 * (i - 1) + s ELSE s END, CASE s % 2 WHEN 0 THEN s ELSE 10 * (i - 1) + s END
      FROM generate_series(1, 1000) AS i, generate_series(1, 10) AS s ORDER BY random();
  INSERT INTO "UserState" ("userId", "lastUseq") SELECT 'u' || i, 10 FROM generate_series(1, 20000) AS i UNION ALL SELECT 'hub', 10000;
  ANALYZE)";

struct Use {
  std::string_view statement;
  std::string parameters;
  // 8 KiB each, from the index's root to the row.
  int pages_max;
};

const Use uses[] = {
    {statement::views_by_id, "ARRAY[md5('c7')::uuid]", 40},
    {statement::header_by_id, "md5('c7')::uuid", 30},
    {statement::header_by_pair, "'hub u7'", 30},
    {statement::message_by_key, "'u7', md5('k7-1')::uuid", 10},
    {statement::find_seq, "md5('c7')::uuid, md5('m7-3')::uuid", 10},
    {statement::history_before, "md5('c7')::uuid, 9, 5", 20},
    {statement::history_after, "md5('c7')::uuid, 2, 5", 20},
    {statement::heads, "ARRAY['hub', 'u1', 'nobody']", 20},
    // Of the user's own rows all, of everything else what is on the page.
    {statement::inbox, "'hub', 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 21", 1'000 + 21 * 40},
    {statement::events, "'hub', 9985, 10000, 101", 1'000 + 15 * 40},
};

class QueryPlan : public ::testing::Test {
 protected:
  QueryPlan() {
    execute(many_rows);
    execute("SET plan_cache_mode = force_generic_plan");
  }

  void execute(const std::string& statements) {
    const auto done = connection_.execute(statements);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
  std::string plan_of(const Use& use) {
    auto rows = connection_.query("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE " + std::string(use.statement) + "(" +
                                  use.parameters + ")");
    if (!rows) return rows.error().detail;
    std::string plan;
    for (std::size_t row = 0; row < rows->size(); ++row) plan += std::string(rows->text(row, 0)) + "\n";
    return plan;
  }
  // Of the whole statement: its first line of buffers adds up those below.
  static int pages_in(std::string_view plan) {
    const auto line = plan.substr(plan.find("Buffers: "));
    int sum = 0;
    for (const std::string_view kind : {"hit=", "read="}) {
      const auto found = line.substr(0, line.find('\n')).find(kind);
      if (found == line.npos) continue;
      int pages = 0;
      std::from_chars(line.data() + found + kind.size(), line.data() + line.size(), pages);
      sum += pages;
    }
    return sum;
  }

  BlockingConnection connection_ = BlockingConnection::open(TestServer::instance().empty_database()).value();
};

TEST_F(QueryPlan, ReadersTouchWhatTheyReturnAndLittleElse) {
  for (const auto& statement : reader_statements()) {
    execute("PREPARE " + std::string(statement.name) + " AS " + std::string(statement.sql));
  }
  for (const auto& use : uses) {
    const std::string plan = plan_of(use);
    ASSERT_THAT(plan, HasSubstr("Buffers: ")) << use.statement;
    EXPECT_THAT(plan, Not(HasSubstr("Seq Scan on \""))) << use.statement;
    EXPECT_THAT(plan.substr(0, plan.find('\n')), Not(HasSubstr("rows=0 "))) << use.statement << " finds nothing";
    EXPECT_LE(pages_in(plan), use.pages_max) << use.statement << "\n" << plan;
  }
}

TEST(QueryPlanUses, EveryStatementOfTheReadersIsLookedAt) {
  std::set<std::string_view> looked_at;
  for (const auto& use : uses) looked_at.insert(use.statement);
  for (const auto& statement : reader_statements()) EXPECT_TRUE(looked_at.contains(statement.name)) << statement.name;
}

}  // namespace
}  // namespace postgres
