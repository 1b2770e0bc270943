-- The seed's three tables under their Prisma names, with this service's additions, and the service's own two tables.
--
-- Every addition has a default, and the triggers at the end fill what a default cannot: a "Conversation" with two "Participant"
-- rows, inserted with the seed's columns alone, is an ordinary conversation.
--
-- Ids are lower-case text, so that they can be read with the sqlite3 shell. Times are milliseconds since 1970, UTC, as Prisma keeps
-- them. A "…Useq" is a position in one user's feed; 0 stands for "never".

CREATE TABLE "Conversation" (
  id              TEXT     NOT NULL PRIMARY KEY CHECK (length(id) = 36 AND id = lower(id)),
  "createdAt"     DATETIME NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
  "lastSeq"       INTEGER  NOT NULL DEFAULT 0,
  -- "createdAt" of the message with "lastSeq".
  "lastMessageAt" DATETIME,
  -- The last known decision of the Connections service.
  "canSend"       BOOLEAN  NOT NULL DEFAULT 1 CHECK ("canSend" IN (0, 1)),
  -- '<smaller user id> <larger user id>' on the oldest conversation of exactly these two; user ids hold no spaces.
  "pairKey"       TEXT     UNIQUE
);

CREATE TABLE "Participant" (
  id               TEXT    NOT NULL PRIMARY KEY DEFAULT (
    -- A version 4 UUID.
    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' ||
          substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
  "userId"         TEXT    NOT NULL,
  "conversationId" TEXT    NOT NULL REFERENCES "Conversation" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Watermarks: everything up to this seq.
  "deliveredSeq"   INTEGER NOT NULL DEFAULT 0,
  "readSeq"        INTEGER NOT NULL DEFAULT 0,
  -- Messages by the other participant with a seq above "readSeq".
  "unreadCount"    INTEGER NOT NULL DEFAULT 0,
  -- When the conversation was last active: its last message's "createdAt", or its own. What the inbox is ordered by.
  "activityAt"     DATETIME NOT NULL DEFAULT 0,
  -- Positions in this user's feed: of the last change in this conversation, of this user's own latest receipt, of the other
  -- participant's latest receipt, and of the latest conversationUpdated.
  "lastUseq"        INTEGER NOT NULL DEFAULT 0,
  "ownReceiptUseq"  INTEGER NOT NULL DEFAULT 0,
  "peerReceiptUseq" INTEGER NOT NULL DEFAULT 0,
  "updatedUseq"     INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX "Participant_userId_conversationId_key" ON "Participant" ("userId", "conversationId");
CREATE INDEX "Participant_conversationId_userId_idx" ON "Participant" ("conversationId", "userId");
-- The inbox and the replay are walks along these two.
CREATE INDEX "Participant_userId_activityAt_conversationId_idx" ON "Participant" ("userId", "activityAt", "conversationId");
CREATE INDEX "Participant_userId_lastUseq_idx" ON "Participant" ("userId", "lastUseq");

CREATE TABLE "Message" (
  id                TEXT     NOT NULL PRIMARY KEY,
  content           TEXT     NOT NULL,
  status            TEXT     NOT NULL DEFAULT 'SENT' CHECK (status IN ('SENT', 'DELIVERED', 'READ')),
  "authorId"        TEXT     NOT NULL,
  "conversationId"  TEXT     NOT NULL REFERENCES "Conversation" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  "createdAt"       DATETIME NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
  seq               INTEGER  NOT NULL,
  "clientMessageId" TEXT,
  -- This message's position in the feed of its author and of the other participant.
  "authorUseq"      INTEGER  NOT NULL,
  "peerUseq"        INTEGER  NOT NULL
);
CREATE INDEX "Message_conversationId_createdAt_idx" ON "Message" ("conversationId", "createdAt");
CREATE UNIQUE INDEX "Message_conversationId_seq_key" ON "Message" ("conversationId", seq);
CREATE UNIQUE INDEX "Message_authorId_clientMessageId_key" ON "Message" ("authorId", "clientMessageId")
  WHERE "clientMessageId" IS NOT NULL;

-- The head of each user's feed.
CREATE TABLE "UserState" (
  "userId"   TEXT    NOT NULL PRIMARY KEY,
  "lastUseq" INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- One row: what private ids, offsets and cursors are authenticated with.
CREATE TABLE "ServiceState" (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,
  key   BLOB    NOT NULL CHECK (length(key) = 32)
);
-- random_bytes() is registered by the migrator: the system's generator, not SQLite's.
INSERT INTO "ServiceState" (id, epoch, key) VALUES (1, 1, random_bytes(32));

-- Some drivers write times as text.
CREATE TRIGGER "Conversation_createdAt_as_integer" AFTER INSERT ON "Conversation"
WHEN typeof(NEW."createdAt") <> 'integer'
BEGIN
  UPDATE "Conversation"
     SET "createdAt" = CASE typeof(NEW."createdAt")
                         WHEN 'text' THEN CAST(round((julianday(NEW."createdAt") - 2440587.5) * 86400000.0) AS INTEGER)
                         ELSE CAST(NEW."createdAt" AS INTEGER)
                       END
   WHERE id = NEW.id;
END;

CREATE TRIGGER "Participant_activityAt_default" AFTER INSERT ON "Participant"
WHEN NEW."activityAt" = 0
BEGIN
  UPDATE "Participant"
     SET "activityAt" = (SELECT coalesce("lastMessageAt", "createdAt") FROM "Conversation" WHERE id = NEW."conversationId")
   WHERE id = NEW.id;
END;

-- The second participant makes a pair. Its oldest conversation holds the key: a younger holder gives it up.
CREATE TRIGGER "Participant_completes_pair" AFTER INSERT ON "Participant"
WHEN (SELECT count(*) FROM "Participant" WHERE "conversationId" = NEW."conversationId") = 2
 AND (SELECT "pairKey" IS NULL FROM "Conversation" WHERE id = NEW."conversationId")
BEGIN
  UPDATE "Conversation" SET "pairKey" = NULL
   WHERE "pairKey" = (SELECT min("userId") || ' ' || max("userId") FROM "Participant"
                       WHERE "conversationId" = NEW."conversationId")
     AND ("createdAt", id) > (SELECT "createdAt", id FROM "Conversation" WHERE id = NEW."conversationId");
  UPDATE "Conversation"
     SET "pairKey" = (SELECT min("userId") || ' ' || max("userId") FROM "Participant"
                       WHERE "conversationId" = NEW."conversationId")
   WHERE id = NEW."conversationId"
     AND NOT EXISTS (SELECT 1 FROM "Conversation"
                      WHERE "pairKey" = (SELECT min("userId") || ' ' || max("userId") FROM "Participant"
                                          WHERE "conversationId" = NEW."conversationId"));
END;

-- With a third participant, or with one only, it is no conversation of a pair any more.
CREATE TRIGGER "Participant_exceeds_pair" AFTER INSERT ON "Participant"
WHEN (SELECT count(*) FROM "Participant" WHERE "conversationId" = NEW."conversationId") > 2
BEGIN
  UPDATE "Conversation" SET "pairKey" = NULL WHERE id = NEW."conversationId";
END;

CREATE TRIGGER "Participant_leaves_pair" AFTER DELETE ON "Participant"
BEGIN
  UPDATE "Conversation" SET "pairKey" = NULL WHERE id = OLD."conversationId";
END;
