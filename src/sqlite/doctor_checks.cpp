// Where a check speaks of "the peer", it looks at conversations with exactly two participants; the others are listed by
// a note.
#include "sqlite/doctor.hpp"

namespace sqlite {
namespace {

using Severity = DoctorCheck::Severity;

constexpr DoctorCheck all_checks[] = {
    {"file_integrity", "the file's pages and indexes are sound",
     R"(SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok')"},

    {"foreign_keys", "participants and messages refer to conversations that are there",
     R"(SELECT 'row ' || rowid || ' of "' || "table" || '" refers to a "' || parent || '" that is not there'
          FROM pragma_foreign_key_check)"},

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
               coalesce(min(m.seq), '-') || ' to ' || coalesce(max(m.seq), '-')
          FROM "Conversation" c LEFT JOIN "Message" m ON m."conversationId" = c.id
         GROUP BY c.id
        HAVING count(m.seq) <> c."lastSeq" OR coalesce(min(m.seq), 1) <> 1 OR coalesce(max(m.seq), 0) <> c."lastSeq")"},

    {"created_at_order", "createdAt never runs back along seq",
     R"(SELECT 'conversation ' || "conversationId" || ': message ' || seq || ' is older than the one before it'
          FROM (SELECT "conversationId", seq, "createdAt",
                       lag("createdAt") OVER (PARTITION BY "conversationId" ORDER BY seq) AS before FROM "Message")
         WHERE "createdAt" < before)"},

    {"last_message_at", "the conversation's lastMessageAt is its last message's createdAt",
     R"(SELECT 'conversation ' || c.id || ': ' || coalesce(c."lastMessageAt", 'NULL') || ', not ' || coalesce(m."createdAt", 'NULL')
          FROM "Conversation" c LEFT JOIN "Message" m ON m."conversationId" = c.id AND m.seq = c."lastSeq"
         WHERE c."lastMessageAt" IS NOT m."createdAt")"},

    {"activity_at", "a participant's activityAt is the conversation's lastMessageAt, or else its createdAt",
     R"(SELECT 'participant ' || p.id || ': ' || p."activityAt" || ', not ' || coalesce(c."lastMessageAt", c."createdAt")
          FROM "Participant" p JOIN "Conversation" c ON c.id = p."conversationId"
         WHERE p."activityAt" IS NOT coalesce(c."lastMessageAt", c."createdAt"))"},

    {"watermark_order", "readSeq <= deliveredSeq <= lastSeq",
     R"(SELECT 'participant ' || p.id || ': read ' || p."readSeq" || ', delivered ' || p."deliveredSeq" || ', last ' || c."lastSeq"
          FROM "Participant" p JOIN "Conversation" c ON c.id = p."conversationId"
         WHERE p."readSeq" < 0 OR p."readSeq" > p."deliveredSeq" OR p."deliveredSeq" > c."lastSeq")"},

    {"message_status", "a message's status is how far the peer's watermarks have come",
     R"(SELECT 'message ' || id || ' is ' || status || ', not ' || expected
          FROM (SELECT m.id, m.status,
                       CASE WHEN m.seq <= peer."readSeq" THEN 'READ'
                            WHEN m.seq <= peer."deliveredSeq" THEN 'DELIVERED' ELSE 'SENT' END AS expected
                  FROM "Message" m JOIN "Participant" peer
                    ON peer."conversationId" = m."conversationId" AND peer."userId" <> m."authorId"
                 WHERE (SELECT count(*) FROM "Participant" p WHERE p."conversationId" = m."conversationId") = 2)
         WHERE status <> expected)"},

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
          FROM (SELECT *, lag(position, 1, 0) OVER (PARTITION BY "conversationId", "userId" ORDER BY seq) AS before
                  FROM (SELECT m."conversationId", p."userId", m.seq,
                               iif(m."authorId" = p."userId", m."authorUseq", m."peerUseq") AS position
                          FROM "Message" m JOIN "Participant" p ON p."conversationId" = m."conversationId"))
         WHERE position <= before)"},

    {"last_position", "a participant's lastUseq is the largest position that this conversation has in the user's feed",
     R"(SELECT 'participant ' || id || ': ' || "lastUseq" || ', not ' || expected
          FROM (SELECT p.id, p."lastUseq",
                       max(p."ownReceiptUseq", p."peerReceiptUseq", p."updatedUseq",
                           coalesce(max(iif(m."authorId" = p."userId", m."authorUseq", m."peerUseq")), 0)) AS expected
                  FROM "Participant" p LEFT JOIN "Message" m ON m."conversationId" = p."conversationId"
                 GROUP BY p.id)
         WHERE "lastUseq" <> expected)"},

    {"feed_head", "no position lies above the head of its user's feed",
     R"(SELECT 'user ' || p."userId" || ': position ' || max(p."lastUseq") || ', head ' || coalesce(s."lastUseq", 0)
          FROM "Participant" p LEFT JOIN "UserState" s ON s."userId" = p."userId"
         GROUP BY p."userId" HAVING max(p."lastUseq") > coalesce(s."lastUseq", 0))"},

    {"pair_key", "the oldest conversation of exactly two users holds their pair key, and no other does",
     R"(WITH pairs AS (
          SELECT c.id, c."pairKey", c."createdAt", min(p."userId") || ' ' || max(p."userId") AS pair
            FROM "Conversation" c JOIN "Participant" p ON p."conversationId" = c.id
           GROUP BY c.id HAVING count(*) = 2),
        expected AS (
          SELECT c.id, c."pairKey",
                 iif(row_number() OVER (PARTITION BY pairs.pair ORDER BY pairs."createdAt", pairs.id) = 1, pairs.pair, NULL) AS pair
            FROM pairs JOIN "Conversation" c ON c.id = pairs.id
          UNION ALL
          SELECT id, "pairKey", NULL FROM "Conversation" WHERE id NOT IN (SELECT id FROM pairs))
        SELECT 'conversation ' || id || ': ' || coalesce("pairKey", 'NULL') || ', not ' || coalesce(pair, 'NULL')
          FROM expected WHERE "pairKey" IS NOT pair)"},
};

}  // namespace

std::span<const DoctorCheck> doctor_checks() {
  return all_checks;
}

}  // namespace sqlite
