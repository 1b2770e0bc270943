// prisma/schema.prisma against the tables that the migrations make, in both directions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";

import { start_database } from "./lib/database.mjs";
import { generate } from "./lib/generate.mjs";
import { facts_of_catalogue, facts_of_datamodel } from "./lib/schema_facts.mjs";

let server;
let database;
let expected;

before(async () => {
  expected = facts_of_datamodel(generate().datamodel);
  server = start_database();
  database = new pg.Client(server.url);
  await database.connect();
});
after(async () => {
  await database?.end();
  server?.stop();
});

test("The tables are those that Prisma would make of the schema, by name, type, default, index and foreign key", async () => {
  assert.deepEqual(await facts_of_catalogue(database), expected);
});

test("The schema has the seed's models with the seed's fields", () => {
  // By the seed's names; types and defaults beyond them are the contract's, section 5.
  for (const column of [
    "Conversation.id: uuid, not null", "Conversation.createdAt: timestamp(3)",
    "Participant.id: uuid, not null", "Participant.userId: text, not null", "Participant.conversationId: uuid, not null",
    "Message.id: uuid, not null", "Message.content: text, not null", `Message.status: "MessageStatus", not null, default 'SENT'`,
    "Message.authorId: text, not null", "Message.conversationId: uuid, not null", "Message.createdAt: timestamp(3)",
    "MessageStatus: enum of SENT, DELIVERED, READ",
    "Participant_userId_conversationId_key: unique", "Message_conversationId_createdAt_idx: normal",
  ]) {
    assert.ok(expected.some((fact) => fact.startsWith(column)), column);
  }
});

const differences = {
  "a column more": `ALTER TABLE "Message" ADD COLUMN "editedAt" TIMESTAMP(3)`,
  "a column less": `ALTER TABLE "Participant" DROP COLUMN "updatedUseq"`,
  "another type": `ALTER TABLE "Conversation" ALTER COLUMN "createdAt" TYPE TIMESTAMP(6)`,
  "another default": `ALTER TABLE "Participant" ALTER COLUMN "readSeq" SET DEFAULT 1`,
  "no default": `ALTER TABLE "Conversation" ALTER COLUMN id DROP DEFAULT`,
  "a column that may be null": `ALTER TABLE "Message" ALTER COLUMN "authorId" DROP NOT NULL`,
  "an index less": `DROP INDEX "Participant_conversationId_userId_idx"`,
  "an index more": `CREATE INDEX more ON "Message" ("authorId")`,
  "an index of another name": `ALTER INDEX "Message_conversationId_createdAt_idx" RENAME TO other`,
  "an index that is not unique": `DROP INDEX "Conversation_pairKey_key"; CREATE INDEX "Conversation_pairKey_key" ON "Conversation" ("pairKey")`,
  "an index on a part of the rows": `DROP INDEX "Conversation_pairKey_key";
    CREATE UNIQUE INDEX "Conversation_pairKey_key" ON "Conversation" ("pairKey") WHERE "canSend"`,
  "columns in another order": `DROP INDEX "Participant_userId_conversationId_key";
    CREATE UNIQUE INDEX "Participant_userId_conversationId_key" ON "Participant" ("conversationId", "userId")`,
  "a foreign key less": `ALTER TABLE "Message" DROP CONSTRAINT "Message_conversationId_fkey"`,
  "a foreign key with another action": `ALTER TABLE "Message" DROP CONSTRAINT "Message_conversationId_fkey",
    ADD CONSTRAINT "Message_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation" ON DELETE CASCADE ON UPDATE CASCADE`,
  "a primary key of another name": `ALTER TABLE "UserState" RENAME CONSTRAINT "UserState_pkey" TO other`,
  "an enum's value more": `ALTER TYPE "MessageStatus" ADD VALUE 'EDITED'`,
  "a table more": `CREATE TABLE "Reaction" (id INT)`,
};

for (const [name, statements] of Object.entries(differences)) {
  test(`The comparison sees ${name}`, async () => {
    await database.query("BEGIN");
    try {
      await database.query(statements);
      assert.notDeepEqual(await facts_of_catalogue(database), expected);
    } finally {
      await database.query("ROLLBACK");
    }
  });
}
