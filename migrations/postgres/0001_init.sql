-- The seed's three tables as `prisma migrate` makes and names them, with this service's additions, and the service's own two
-- tables.
--
-- Every addition to "Conversation" and "Participant" has a default, and the triggers at the end fill what a default cannot: a
-- "Conversation" with two "Participant" rows, inserted with the seed's columns alone, is an ordinary conversation. "Message" rows
-- are inserted by this service only: their seq and their positions have no default, so that nobody else's insert succeeds.
--
-- Times are UTC. User ids are opaque, and are compared by their bytes. A "…Useq" is a position in one user's feed; 0 stands for
-- "never".
--
-- Each message updates its "Conversation", both "Participant" rows and both "UserState" rows, and its own row follows with its status.
-- Where no indexed column changes, the new version of a row goes beside the old one and no index is touched, as long as the page has
-- room: hence the fill factors, and hence no index on "activityAt" and "lastUseq", by which the inbox and the replay choose. They read
-- all of one user's rows by "Participant_userId_conversationId_key" instead, at about 1 µs for each conversation that the user has.
-- Measured, each message to another conversation: 50 µs and 1.5 KB of log; with an index on either of the two 80 to 95 µs and 2.6 KB.
--
-- min-compatible: 1

CREATE TYPE "MessageStatus" AS ENUM ('SENT', 'DELIVERED', 'READ');

CREATE TABLE "Conversation" (
  "id"            UUID         NOT NULL DEFAULT gen_random_uuid(),
  "createdAt"     TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastSeq"       BIGINT       NOT NULL DEFAULT 0,
  -- "createdAt" of the message with "lastSeq".
  "lastMessageAt" TIMESTAMP(3),
  -- The last known decision of the Connections service.
  "canSend"       BOOLEAN      NOT NULL DEFAULT true,
  -- '<smaller user id> <larger user id>' on the oldest conversation of exactly these two; user ids hold no spaces.
  "pairKey"       TEXT COLLATE "C",

  CONSTRAINT "Conversation_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "Conversation_pairKey_key" ON "Conversation" ("pairKey");

CREATE TABLE "Participant" (
  "id"              UUID         NOT NULL DEFAULT gen_random_uuid(),
  "userId"          TEXT COLLATE "C" NOT NULL,
  "conversationId"  UUID         NOT NULL,
  -- Watermarks: everything up to this seq.
  "deliveredSeq"    BIGINT       NOT NULL DEFAULT 0,
  "readSeq"         BIGINT       NOT NULL DEFAULT 0,
  -- Messages by the other participant with a seq above "readSeq".
  "unreadCount"     BIGINT       NOT NULL DEFAULT 0,
  -- When the conversation was last active: its last message's "createdAt", or its own. What the inbox is ordered by.
  "activityAt"      TIMESTAMP(3) NOT NULL DEFAULT '1970-01-01 00:00:00'::timestamp,
  -- Positions in this user's feed: of the last change in this conversation, of this user's own latest receipt, of the other
  -- participant's latest receipt, and of the latest conversationUpdated.
  "lastUseq"        BIGINT       NOT NULL DEFAULT 0,
  "ownReceiptUseq"  BIGINT       NOT NULL DEFAULT 0,
  "peerReceiptUseq" BIGINT       NOT NULL DEFAULT 0,
  "updatedUseq"     BIGINT       NOT NULL DEFAULT 0,

  CONSTRAINT "Participant_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX "Participant_userId_conversationId_key" ON "Participant" ("userId", "conversationId");
CREATE INDEX "Participant_conversationId_userId_idx" ON "Participant" ("conversationId", "userId");

CREATE TABLE "Message" (
  "id"              UUID            NOT NULL DEFAULT gen_random_uuid(),
  "content"         TEXT            NOT NULL,
  "status"          "MessageStatus" NOT NULL DEFAULT 'SENT',
  "authorId"        TEXT COLLATE "C" NOT NULL,
  "conversationId"  UUID            NOT NULL,
  "createdAt"       TIMESTAMP(3)    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "seq"             BIGINT          NOT NULL,
  "clientMessageId" UUID,
  -- This message's position in the feed of its author and of the other participant.
  "authorUseq"      BIGINT          NOT NULL,
  "peerUseq"        BIGINT          NOT NULL,

  CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 70);
CREATE INDEX "Message_conversationId_createdAt_idx" ON "Message" ("conversationId", "createdAt");
CREATE UNIQUE INDEX "Message_conversationId_seq_key" ON "Message" ("conversationId", "seq");
CREATE UNIQUE INDEX "Message_authorId_clientMessageId_key" ON "Message" ("authorId", "clientMessageId");

ALTER TABLE "Participant" ADD CONSTRAINT "Participant_conversationId_fkey"
  FOREIGN KEY ("conversationId") REFERENCES "Conversation" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Message" ADD CONSTRAINT "Message_conversationId_fkey"
  FOREIGN KEY ("conversationId") REFERENCES "Conversation" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The head of each user's feed.
CREATE TABLE "UserState" (
  "userId"   TEXT COLLATE "C" NOT NULL,
  "lastUseq" BIGINT           NOT NULL DEFAULT 0,

  CONSTRAINT "UserState_pkey" PRIMARY KEY ("userId")
) WITH (fillfactor = 50);

-- One row: what private ids, offsets and cursors are authenticated with.
CREATE TABLE "ServiceState" (
  "id"    INTEGER NOT NULL,
  "epoch" BIGINT  NOT NULL,
  "key"   BYTEA   NOT NULL,

  CONSTRAINT "ServiceState_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "ServiceState_id_check" CHECK ("id" = 1),
  CONSTRAINT "ServiceState_key_check" CHECK (octet_length("key") = 32)
);
-- The migrator sets messaging.new_key for the length of this transaction: 32 bytes from the system's generator, in hex.
INSERT INTO "ServiceState" ("id", "epoch", "key") VALUES (1, 1, decode(current_setting('messaging.new_key'), 'hex'));

-- CURRENT_TIMESTAMP, Prisma's default, is in the time zone of the session. Within a transaction it stands still, so it can be
-- recognised.
CREATE FUNCTION "Conversation_createdAt_in_utc"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."createdAt" = CURRENT_TIMESTAMP::timestamp(3) THEN
    NEW."createdAt" := CURRENT_TIMESTAMP AT TIME ZONE 'UTC';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "Conversation_createdAt_in_utc" BEFORE INSERT ON "Conversation"
  FOR EACH ROW EXECUTE FUNCTION "Conversation_createdAt_in_utc"();

-- The functions below may run under another search_path than the tables were made with.
CREATE FUNCTION "Participant_activityAt_default"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  -- Without such a conversation the row stays as it is, for the foreign key to refuse.
  SELECT coalesce("lastMessageAt", "createdAt") INTO NEW."activityAt" FROM (VALUES (NEW."conversationId")) AS wanted (id)
    LEFT JOIN "Conversation" USING (id);
  NEW."activityAt" := coalesce(NEW."activityAt", 'epoch');
  RETURN NEW;
END $$;
CREATE TRIGGER "Participant_activityAt_default" BEFORE INSERT ON "Participant"
  FOR EACH ROW WHEN (NEW."activityAt" = '1970-01-01 00:00:00'::timestamp)
  EXECUTE FUNCTION "Participant_activityAt_default"();

-- The second participant makes a pair. Its oldest conversation holds the key: a younger holder gives it up. With a third participant
-- it is no conversation of a pair any more.
CREATE FUNCTION "Participant_joins"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  own     RECORD;
  members BIGINT;
  pair    TEXT;
BEGIN
  -- Two transactions may bring one participant each: the later one waits here, and its next statement sees both.
  SELECT id, "createdAt", "pairKey" INTO own FROM "Conversation" WHERE id = NEW."conversationId" FOR NO KEY UPDATE;
  SELECT count(*), min("userId") || ' ' || max("userId") INTO members, pair
    FROM "Participant" WHERE "conversationId" = NEW."conversationId";

  IF members > 2 AND own."pairKey" IS NOT NULL THEN
    UPDATE "Conversation" SET "pairKey" = NULL WHERE id = own.id;
  END IF;
  IF members <> 2 OR own."pairKey" IS NOT NULL THEN
    RETURN NULL;
  END IF;

  LOOP
    UPDATE "Conversation" SET "pairKey" = NULL
     WHERE "pairKey" = pair AND ("createdAt", id) > (own."createdAt", own.id);
    BEGIN
      -- Waits while another transaction gives the key to a conversation of its own.
      UPDATE "Conversation" SET "pairKey" = pair
       WHERE id = own.id AND NOT EXISTS (SELECT 1 FROM "Conversation" WHERE "pairKey" = pair);
      RETURN NULL;
    EXCEPTION WHEN unique_violation THEN
      -- It did, and at this level of isolation its conversation can be seen now; at a stricter one never.
      IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE serialization_failure USING MESSAGE = 'the same two participants were given a conversation at the same time';
      END IF;
    END;
  END LOOP;
END $$;
CREATE TRIGGER "Participant_joins" AFTER INSERT ON "Participant"
  FOR EACH ROW EXECUTE FUNCTION "Participant_joins"();

CREATE FUNCTION "Participant_leaves_pair"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "Conversation" SET "pairKey" = NULL WHERE id = OLD."conversationId" AND "pairKey" IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER "Participant_leaves_pair" AFTER DELETE ON "Participant"
  FOR EACH ROW EXECUTE FUNCTION "Participant_leaves_pair"();
