#include "postgres/statements.hpp"

#include <array>
#include <initializer_list>
#include <string>

#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return all;
}

// "SELECT <columns> FROM "Conversation" c … WHERE <which>".
std::string select_views(std::string_view which) {
  return joined({"SELECT", view_columns, message_columns, R"( FROM "Conversation" c)", join_participants,
                 join_last_message, " WHERE ", which, " AND ", has_no_third_participant});
}

std::string select_headers(std::string_view which) {
  return joined({R"(SELECT c."id", low."userId", high."userId", c."canSend" FROM "Conversation" c)", join_participants,
                 " WHERE ", which, " AND ", has_no_third_participant});
}

std::string select_messages(std::string_view rest) {
  return joined({"SELECT", message_columns, R"( FROM "Message" m )", rest});
}

constexpr std::string_view head_of_user =
    R"(SELECT coalesce((SELECT "lastUseq" FROM "UserState" WHERE "userId" = $1::text), 0) AS position)";

// One user's entries are sorted before anything else of them is read, and then read no further than the page goes:
// OFFSET 0 keeps the planner from turning that round.
std::string select_inbox() {
  return joined({"SELECT head.position, page.* FROM (", head_of_user, R"() AS head LEFT JOIN LATERAL (
      SELECT own."activityAt" AS activity, own."conversationId" AS entry,)",
                 view_columns, message_columns, R"(
        FROM (SELECT "activityAt", "conversationId" FROM "Participant"
               WHERE "userId" = $1::text AND ("activityAt", "conversationId") < ($2::timestamp, $3::uuid)
               ORDER BY "activityAt" DESC, "conversationId" DESC OFFSET 0) AS own
        JOIN "Conversation" c ON c."id" = own."conversationId")",
                 join_participants, join_last_message, " WHERE ", has_no_third_participant, R"(
       ORDER BY own."activityAt" DESC, own."conversationId" DESC LIMIT $4::bigint) AS page ON true
     ORDER BY page.activity DESC, page.entry DESC)"});
}

// A conversation with news is known by its participant row's last position, what is new in it is found by
// messaging_first_unseen_1; the events with the smallest positions are chosen before anything else of them is read.
std::string select_events() {
  return joined({"WITH feed AS MATERIALIZED (", head_of_user, R"(),
    changed AS MATERIALIZED (
      SELECT c."id", c."lastSeq", own."ownReceiptUseq", own."peerReceiptUseq", own."updatedUseq"
        FROM "Participant" own JOIN "Conversation" c ON c."id" = own."conversationId"
       WHERE own."userId" = $1::text AND own."lastUseq" > $2::bigint
         AND 2 = (SELECT count(*) FROM (SELECT FROM "Participant" p WHERE p."conversationId" = c."id" LIMIT 3) AS found)),
    event AS (
      SELECT e.position, e.kind, changed."id", CASE e.kind WHEN 'u' THEN changed."lastSeq" END AS seq
        FROM changed CROSS JOIN LATERAL (VALUES (changed."ownReceiptUseq", 'o'::"char"),
                                                (changed."peerReceiptUseq", 'p'::"char"),
                                                (changed."updatedUseq", 'u'::"char")) AS e (position, kind)
       WHERE e.position > $2::bigint AND e.position <= $3::bigint
      UNION ALL
      SELECT CASE m."authorId" WHEN $1::text THEN m."authorUseq" ELSE m."peerUseq" END, 'm'::"char", changed."id", m."seq"
        FROM feed CROSS JOIN changed
        CROSS JOIN LATERAL (
          SELECT messaging_first_unseen_1(changed."id", $1::text, $2::bigint, changed."lastSeq") AS first,
                 CASE WHEN feed.position <= $3::bigint THEN changed."lastSeq" + 1
                      ELSE messaging_first_unseen_1(changed."id", $1::text, $3::bigint, changed."lastSeq") END AS bound
          OFFSET 0) AS unseen
        CROSS JOIN LATERAL (
          SELECT * FROM "Message" WHERE "conversationId" = changed."id" AND "seq" >= unseen.first AND "seq" < unseen.bound
           ORDER BY "seq" LIMIT $4::bigint) AS m),
    page AS MATERIALIZED (SELECT * FROM event ORDER BY position LIMIT $4::bigint)
    SELECT feed.position, page.position, page.kind,)",
                 view_columns, message_columns, R"(
      FROM feed LEFT JOIN (
        page JOIN "Conversation" c ON c."id" = page."id")",
                 join_participants, R"(
        LEFT JOIN "Message" m ON m."conversationId" = page."id" AND m."seq" = page.seq) ON true
     ORDER BY page.position)"});
}

// The texts, which the statements only view.
struct Texts {
  const std::string views_by_id = select_views(R"(c."id" = ANY ($1::uuid[]))");
  const std::string views_by_pair = select_views(R"(c."pairKey" = ANY ($1::text[]))");
  const std::string header_by_id = select_headers(R"(c."id" = $1::uuid)");
  const std::string header_by_pair = select_headers(R"(c."pairKey" = $1::text)");
  const std::string inbox = select_inbox();
  const std::string message_by_key =
      select_messages(R"(WHERE m."authorId" = $1::text AND m."clientMessageId" = $2::uuid)");
  const std::string history_before = select_messages(
      R"(WHERE m."conversationId" = $1::uuid AND m."seq" < $2::bigint ORDER BY m."seq" DESC LIMIT $3::bigint)");
  const std::string history_after = select_messages(
      R"(WHERE m."conversationId" = $1::uuid AND m."seq" > $2::bigint ORDER BY m."seq" LIMIT $3::bigint)");
  const std::string events = select_events();
};

const Texts& texts() {
  static const Texts made;
  return made;
}

constexpr std::string_view write_batch_sql =
    "SELECT * FROM messaging_write_batch_1($1::text[], $2::uuid[], $3::int[], $4::\"char\"[], $5::int[], $6::uuid[], "
    "$7::timestamp[], $8::text[], $9::uuid[], $10::bigint[], $11::bigint[], $12::boolean)";
constexpr std::string_view find_seq_sql =
    R"(SELECT "seq" FROM "Message" WHERE "conversationId" = $1::uuid AND "id" = $2::uuid)";
constexpr std::string_view heads_sql =
    R"(SELECT coalesce(s."lastUseq", 0) FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, i)
         LEFT JOIN "UserState" s ON s."userId" = wanted.id ORDER BY wanted.i)";

}  // namespace

std::span<const Statement> writer_statements() {
  static const std::array statements{Statement{statement::write_batch, write_batch_sql},
                                     Statement{statement::views_by_id, texts().views_by_id},
                                     Statement{statement::views_by_pair, texts().views_by_pair}};
  return statements;
}

std::span<const Statement> reader_statements() {
  static const std::array statements{Statement{statement::views_by_id, texts().views_by_id},
                                     Statement{statement::header_by_id, texts().header_by_id},
                                     Statement{statement::header_by_pair, texts().header_by_pair},
                                     Statement{statement::inbox, texts().inbox},
                                     Statement{statement::message_by_key, texts().message_by_key},
                                     Statement{statement::history_before, texts().history_before},
                                     Statement{statement::history_after, texts().history_after},
                                     Statement{statement::find_seq, find_seq_sql},
                                     Statement{statement::heads, heads_sql},
                                     Statement{statement::events, texts().events}};
  return statements;
}

}  // namespace postgres
