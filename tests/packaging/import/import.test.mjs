// docs/migrating-from-nestjs.md, run as it stands there: an old database is moved over and back, with real servers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathOf, read } from '../lib/repository.mjs';

const messagingd = resolve(process.env.MESSAGINGD ?? pathOf('build/release/messagingd'));
const steps = [...read('docs/migrating-from-nestjs.md').matchAll(/```sql\n([^]*?)```/g)].map(([, sql]) => sql);
const [moveAside, findSkipped, importAll, wayBack] = steps;

const folder = mkdtempSync(join(tmpdir(), 'messagingd-import-'));
chmodSync(folder, 0o755); // the server's own user must be able to reach it
let url;
const postgres = (action) => execFileSync(pathOf('tools/local-postgres'), [action, folder], { encoding: 'utf8' }).trim();
const sql = (text) =>
  execFileSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', url], { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim();
const run = (...args) =>
  execFileSync(messagingd, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ASAN_OPTIONS: process.env.ASAN_OPTIONS, DATABASE_URL: url } });

// As `prisma migrate` makes the seed's schema.
const oldSchema = `
  CREATE TYPE "MessageStatus" AS ENUM ('SENT', 'DELIVERED', 'READ');
  CREATE TABLE "Conversation" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE "Participant" (id TEXT PRIMARY KEY, "userId" TEXT NOT NULL, "conversationId" TEXT NOT NULL
    REFERENCES "Conversation" (id) ON DELETE RESTRICT ON UPDATE CASCADE);
  CREATE TABLE "Message" (id TEXT PRIMARY KEY, content TEXT NOT NULL, status "MessageStatus" NOT NULL DEFAULT 'SENT',
    "authorId" TEXT NOT NULL, "conversationId" TEXT NOT NULL REFERENCES "Conversation" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE UNIQUE INDEX "Participant_userId_conversationId_key" ON "Participant" ("userId", "conversationId");
  CREATE INDEX "Message_conversationId_createdAt_idx" ON "Message" ("conversationId", "createdAt");`;

const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;
const rows = [];
function conversation(users, messages, { id = randomUUID(), createdAt = '2024-01-01 00:00:00' } = {}) {
  rows.push(`INSERT INTO "Conversation" VALUES (${quote(id)}, ${quote(createdAt)});`);
  for (const user of users) rows.push(`INSERT INTO "Participant" VALUES ('${randomUUID()}', ${quote(user)}, ${quote(id)});`);
  for (const [author, content, status, at] of messages) {
    rows.push(`INSERT INTO "Message" VALUES ('${randomUUID()}', ${quote(content)}, '${status}', ${quote(author)}, ${quote(id)}, '2024-02-01 00:00:${at}');`);
  }
  return id;
}

const talk = conversation(['alice', 'bob'], [
  ['alice', 'one', 'READ', '01.000'],
  ['bob', "it's two", 'DELIVERED', '02.000'],
  ['alice', 'three', 'SENT', '03.000'],
  ['alice', 'four', 'DELIVERED', '04.000'],
  ['alice', 'five', 'SENT', '04.000'],
]);
const younger = conversation(['bob', 'alice'], [['bob', 'elsewhere', 'SENT', '02.500']], { createdAt: '2024-01-02 00:00:00' });
const silent = conversation(['alice', 'carol'], []);
const threesome = conversation(['alice', 'bob', 'carol'], []);
const spaced = conversation(['alice', 'b o b'], []);
const strangers = conversation(['alice', 'dave'], [['eve', 'who let me in?', 'SENT', '05.000']]);
const otherIds = conversation(['alice', 'erin'], [], { id: 'cl9ebqhxk00003b600tymydho' });
// Many users and equal times, for the checks of the doctor.
for (let i = 0; i < 60; ++i) {
  const pair = [`user-${i % 7}`, `user-${7 + (i % 5)}`];
  const statuses = ['SENT', 'DELIVERED', 'READ'];
  conversation(pair, Array.from({ length: i }, (_, n) => [pair[(n * i) % 2], `message ${n}`, statuses[(n * 7 + i) % 3], `0${n % 6}.${100 + (n % 3)}`]));
}

before(() => {
  url = postgres('start');
  sql(oldSchema);
  sql(rows.join('\n'));
});
after(() => {
  postgres('stop');
  rmSync(folder, { recursive: true, force: true });
});

test('the page has its four statements', () => assert.equal(steps.length, 4));

test('an old database is taken over, and the doctor finds nothing', () => {
  sql(moveAside);
  run('migrate');
  const skipped = sql(findSkipped).split('\n').map((line) => line.split('|')[0]);
  assert.deepEqual(skipped.sort(), [threesome, spaced, strangers, otherIds].sort());
  sql(importAll);
  assert.match(run('doctor'), /\b0 violations\b/);
  assert.equal(sql('SELECT count(*) FROM legacy."Message"') - 1, Number(sql('SELECT count(*) FROM "Message"')));
});

test('messages are numbered by time, and statuses have no holes', () => {
  const found = sql(`SELECT string_agg(seq || ' ' || content || ' ' || status, ', ' ORDER BY seq) FROM "Message" WHERE "conversationId" = '${talk}' AND seq < 4`);
  assert.equal(found, "1 one READ, 2 it's two DELIVERED, 3 three DELIVERED");
  assert.equal(sql(`SELECT "readSeq", "deliveredSeq" >= 4, "unreadCount" FROM "Participant" WHERE "conversationId" = '${talk}' AND "userId" = 'bob'`), '1|t|3');
});

test('of two conversations of a pair the older one is the pair\'s, and an empty one is there', () => {
  assert.equal(sql(`SELECT id FROM "Conversation" WHERE "pairKey" = 'alice bob'`), talk);
  assert.equal(sql(`SELECT "pairKey" IS NULL FROM "Conversation" WHERE id = '${younger}'`), 't');
  assert.equal(sql(`SELECT "lastSeq" FROM "Conversation" WHERE id = '${silent}'`), '0');
});

test('the way back brings home what was written since', () => {
  sql(`INSERT INTO "Message" (id, content, "authorId", "conversationId", seq, "authorUseq", "peerUseq")
       VALUES (gen_random_uuid(), 'written since', 'bob', '${talk}', 6, 100000, 100000)`);
  sql(wayBack);
  assert.equal(sql(`SELECT content FROM public."Message" WHERE "conversationId" = '${talk}' ORDER BY "createdAt" DESC LIMIT 1`), 'written since');
  assert.equal(sql(`SELECT count(*) FROM public."Conversation" WHERE id = '${otherIds}'`), '1', 'what was skipped never left');
  // The old service writes as it always did.
  sql(`INSERT INTO "Message" (id, content, "authorId", "conversationId") VALUES ('${randomUUID()}', 'as before', 'alice', '${talk}')`);
});
