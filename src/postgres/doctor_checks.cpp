// `messagingd doctor`: every invariant of the tables as a query that returns the rows that break it. Where a check
// speaks of "the peer", it looks at conversations with exactly two participants; the others are listed by a note.
#include "postgres/postgres_database.hpp"

namespace postgres {
namespace {

using messaging::DoctorCheck;
using Severity = DoctorCheck::Severity;

constexpr DoctorCheck all_checks[] = {
    {"schema_objects", "the indexes, constraints and triggers of the tables are there and in force",
     R"(SELECT 'index ' || name || ' is missing or invalid'
          FROM unnest(ARRAY['Conversation_pkey', 'Conversation_pairKey_key', 'Participant_pkey',
                            'Participant_userId_conversationId_key', 'Participant_conversationId_userId_idx',
                            'Message_pkey', 'Message_conversationId_createdAt_idx', 'Message_conversationId_seq_key',
                            'Message_authorId_clientMessageId_key', 'UserState_pkey', 'ServiceState_pkey']) AS name
         WHERE NOT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(quote_ident(name)) AND indisvalid)
        UNION ALL
        SELECT 'constraint ' || name || ' is missing or not validated'
          FROM (VALUES ('Participant', 'Participant_conversationId_fkey'), ('Message', 'Message_conversationId_fkey'),
                       ('ServiceState', 'ServiceState_id_check'), ('ServiceState', 'ServiceState_key_check')) AS t (owner, name)
         WHERE NOT EXISTS (SELECT 1 FROM pg_constraint
                            WHERE conrelid = to_regclass(quote_ident(owner)) AND conname = name AND convalidated)
        UNION ALL
        SELECT 'trigger ' || name || ' is missing or disabled'
          FROM (VALUES ('Conversation', 'Conversation_createdAt_in_utc'), ('Participant', 'Participant_activityAt_default'),
                       ('Participant', 'Participant_joins'), ('Participant', 'Participant_leaves_pair')) AS t (owner, name)
         WHERE NOT EXISTS (SELECT 1 FROM pg_trigger
                            WHERE tgrelid = to_regclass(quote_ident(owner)) AND tgname = name AND tgenabled IN ('O', 'A')))"},

    {"foreign_keys", "participants and messages refer to conversations that are there",
     R"(SELECT 'participant ' || p.id || ' refers to conversation ' || p."conversationId" || ', which is not there'
          FROM "Participant" p
         WHERE NOT EXISTS (SELECT 1 FROM "Conversation" c WHERE c.id = p."conversationId")
        UNION ALL
        SELECT 'message ' || m.id || ' refers to conversation ' || m."conversationId" || ', which is not there'
          FROM "Message" m
         WHERE NOT EXISTS (SELECT 1 FROM "Conversation" c WHERE c.id = m."conversationId"))"},

    {"service_state", "there is one row of service state",
     R"(SELECT 'there are ' || count(*) || ' rows' FROM "ServiceState" HAVING count(*) <> 1)"},

    {"two_participants", "a conversation has exactly two participants",
     R"(SELECT 'conversation ' || c.id || ' has ' || count(p.id) || ' participants, and is shown to none of them'
          FROM "Conversation" c LEFT JOIN "Participant" p ON p."conversationId" = c.id
         GROUP BY c.id HAVING count(p.id) <> 2)",
     Severity::note},

    {"author_participates", "a message's author is a participant",
     R"(SELECT 'message ' || m.id || ' in conversation ' || m."conversationId"
          FROM "Message" m
         WHERE NOT EXISTS (SELECT 1 FROM "Participant" p
                            WHERE p."conversationId" = m."conversationId" AND p."userId" = m."authorId"))"},

    {"seq_dense", "seq is 1, 2, 3 … up to the conversation's lastSeq",
     R"(SELECT 'conversation ' || c.id || ': lastSeq ' || c."lastSeq" || ', ' || count(m.seq) || ' messages from seq ' ||
               coalesce(min(m.seq)::text, '-') || ' to ' || coalesce(max(m.seq)::text, '-')
          FROM "Conversation" c LEFT JOIN "Message" m ON m."conversationId" = c.id
         GROUP BY c.id
        HAVING count(m.seq) <> c."lastSeq" OR coalesce(min(m.seq), 1) <> 1 OR coalesce(max(m.seq), 0) <> c."lastSeq")"},

    {"created_at_order", "createdAt never runs back along seq",
     R"(SELECT 'conversation ' || "conversationId" || ': message ' || seq || ' is older than the one before it'
          FROM (SELECT "conversationId", seq, "createdAt",
                       lag("createdAt") OVER (PARTITION BY "conversationId" ORDER BY seq) AS before FROM "Message") AS m
         WHERE "createdAt" < before)"},

    {"last_message_at", "the conversation's lastMessageAt is its last message's createdAt",
     R"(SELECT 'conversation ' || c.id || ': ' || coalesce(c."lastMessageAt"::text, 'NULL') || ', not ' ||
               coalesce(m."createdAt"::text, 'NULL')
          FROM "Conversation" c LEFT JOIN "Message" m ON m."conversationId" = c.id AND m.seq = c."lastSeq"
         WHERE c."lastMessageAt" IS DISTINCT FROM m."createdAt")"},

    {"activity_at", "a participant's activityAt is the conversation's lastMessageAt, or else its createdAt",
     R"(SELECT 'participant ' || p.id || ': ' || p."activityAt" || ', not ' || coalesce(c."lastMessageAt", c."createdAt")
          FROM "Participant" p JOIN "Conversation" c ON c.id = p."conversationId"
         WHERE p."activityAt" <> coalesce(c."lastMessageAt", c."createdAt"))"},

    {"watermark_order", "readSeq <= deliveredSeq <= lastSeq",
     R"(SELECT 'participant ' || p.id || ': read ' || p."readSeq" || ', delivered ' || p."deliveredSeq" || ', last ' || c."lastSeq"
          FROM "Participant" p JOIN "Conversation" c ON c.id = p."conversationId"
         WHERE p."readSeq" < 0 OR p."readSeq" > p."deliveredSeq" OR p."deliveredSeq" > c."lastSeq")"},

    {"message_status", "a message's status is how far the peer's watermarks have come",
     R"(WITH pairs AS (SELECT "conversationId" FROM "Participant" GROUP BY "conversationId" HAVING count(*) = 2)
        SELECT 'message ' || id || ' is ' || status || ', not ' || expected
          FROM (SELECT m.id, m.status,
                       CASE WHEN m.seq <= peer."readSeq" THEN 'READ'
                            WHEN m.seq <= peer."deliveredSeq" THEN 'DELIVERED' ELSE 'SENT' END AS expected
                  FROM "Message" m JOIN pairs USING ("conversationId")
                  JOIN "Participant" peer ON peer."conversationId" = m."conversationId" AND peer."userId" <> m."authorId") AS m
         WHERE status::text <> expected)"},

    {"unread_count", "unreadCount counts the peer's messages above readSeq",
     R"(SELECT 'participant ' || p.id || ': ' || p."unreadCount" || ', not ' || count(m.id)
          FROM "Participant" p LEFT JOIN "Message" m
            ON m."conversationId" = p."conversationId" AND m."authorId" <> p."userId" AND m.seq > p."readSeq"
         GROUP BY p.id HAVING p."unreadCount" <> count(m.id))"},

    {"positions_unique", "no two events of one user's feed share a position",
     R"(WITH taken AS (
          SELECT "authorId" AS "userId", "authorUseq" AS position FROM "Message"
          UNION ALL SELECT p."userId", m."peerUseq" FROM "Message" m JOIN "Participant" p
                        ON p."conversationId" = m."conversationId" AND p."userId" <> m."authorId"
          UNION ALL SELECT "userId", "ownReceiptUseq" FROM "Participant" WHERE "ownReceiptUseq" > 0
          UNION ALL SELECT "userId", "peerReceiptUseq" FROM "Participant" WHERE "peerReceiptUseq" > 0
          UNION ALL SELECT "userId", "updatedUseq" FROM "Participant" WHERE "updatedUseq" > 0)
        SELECT 'user ' || "userId" || ' has position ' || position || ' ' || count(*) || ' times'
          FROM taken GROUP BY "userId", position HAVING count(*) > 1)"},

    {"positions_rise", "positions are above 0 and rise with seq",
     R"(SELECT 'conversation ' || "conversationId" || ', user ' || "userId" || ': message ' || seq || ' has position ' || position
          FROM (SELECT *, lag(position, 1, 0::bigint) OVER (PARTITION BY "conversationId", "userId" ORDER BY seq) AS before
                  FROM (SELECT m."conversationId", p."userId", m.seq,
                               CASE WHEN m."authorId" = p."userId" THEN m."authorUseq" ELSE m."peerUseq" END AS position
                          FROM "Message" m JOIN "Participant" p ON p."conversationId" = m."conversationId") AS m) AS m
         WHERE position <= before)"},

    {"last_position", "a participant's lastUseq is the largest position that this conversation has in the user's feed",
     R"(SELECT 'participant ' || id || ': ' || "lastUseq" || ', not ' || expected
          FROM (SELECT p.id, p."lastUseq",
                       greatest(p."ownReceiptUseq", p."peerReceiptUseq", p."updatedUseq",
                                max(CASE WHEN m."authorId" = p."userId" THEN m."authorUseq" ELSE m."peerUseq" END)) AS expected
                  FROM "Participant" p LEFT JOIN "Message" m ON m."conversationId" = p."conversationId"
                 GROUP BY p.id) AS p
         WHERE "lastUseq" <> expected)"},

    {"feed_head", "no position lies above the head of its user's feed",
     R"(SELECT 'user ' || "userId" || ': position ' || highest || ', head ' || head
          FROM (SELECT p."userId", max(p."lastUseq") AS highest, coalesce(max(s."lastUseq"), 0) AS head
                  FROM "Participant" p LEFT JOIN "UserState" s ON s."userId" = p."userId"
                 GROUP BY p."userId") AS feeds
         WHERE highest > head)"},

    {"pair_key", "the oldest conversation of exactly two users holds their pair key, and no other does",
     R"(WITH pairs AS (
          SELECT c.id, c."createdAt", min(p."userId") || ' ' || max(p."userId") AS pair
            FROM "Conversation" c JOIN "Participant" p ON p."conversationId" = c.id
           GROUP BY c.id HAVING count(*) = 2),
        oldest AS (SELECT DISTINCT ON (pair) id, pair FROM pairs ORDER BY pair, "createdAt", id)
        SELECT 'conversation ' || c.id || ': ' || coalesce(c."pairKey", 'NULL') || ', not ' || coalesce(oldest.pair, 'NULL')
          FROM "Conversation" c LEFT JOIN oldest ON oldest.id = c.id
         WHERE c."pairKey" IS DISTINCT FROM oldest.pair)"},
};

}  // namespace

std::span<const DoctorCheck> doctor_checks() {
  return all_checks;
}

}  // namespace postgres
