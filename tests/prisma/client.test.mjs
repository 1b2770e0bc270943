// A Prisma client of another service, beside messagingd on the same tables.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { PrismaPg } from "@prisma/adapter-pg";

import { messagingd, start_database } from "./lib/database.mjs";
import { generate } from "./lib/generate.mjs";

let server;
let prisma;

before(() => {
  const { PrismaClient } = generate();
  server = start_database();
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: server.url }) });
});
after(async () => {
  await prisma?.$disconnect();
  server?.stop();
});
beforeEach(() => prisma.$executeRaw`TRUNCATE "Message", "Participant", "Conversation", "UserState"`);

const pair_of = (one, other) => ({ participants: { create: [{ userId: one }, { userId: other }] } });

// As messagingd stores them: three messages by alice at one-minute intervals, of which bob has read the first.
async function insert_messages(conversation) {
  const statuses = ["READ", "DELIVERED", "SENT"];
  const messages = statuses.map((status, i) => ({
    content: `message ${i + 1}`, status, authorId: "alice", conversationId: conversation.id, clientMessageId: randomUUID(),
    createdAt: new Date(conversation.createdAt.getTime() + (i + 1) * 60_000), seq: i + 1, authorUseq: i + 1, peerUseq: i + 1,
  }));
  await prisma.message.createMany({ data: messages });
  const last = messages.at(-1);
  await prisma.conversation.update({ where: { id: conversation.id }, data: { lastSeq: 3, lastMessageAt: last.createdAt } });
  for (const [userId, changed] of Object.entries({ alice: {}, bob: { deliveredSeq: 2, readSeq: 1, unreadCount: 2 } })) {
    await prisma.participant.update({
      where: { userId_conversationId: { userId, conversationId: conversation.id } },
      data: { activityAt: last.createdAt, lastUseq: 3, ...changed },
    });
    await prisma.userState.create({ data: { userId, lastUseq: 3 } });
  }
  return messages;
}

test("A conversation that is created with the seed's fields alone is an ordinary one to messagingd", async () => {
  const created = await prisma.conversation.create({ data: pair_of("bob", "Alice"), include: { participants: true } });
  assert.match(created.id, /^[0-9a-f-]{36}$/);
  assert.ok(Math.abs(created.createdAt - Date.now()) < 60_000, `${created.createdAt.toISOString()} is about now, in UTC`);
  assert.deepEqual([created.lastSeq, created.lastMessageAt, created.canSend], [0n, null, true]);

  const stored = await prisma.conversation.findUniqueOrThrow({ where: { pairKey: "Alice bob" }, include: { participants: true } });
  assert.equal(stored.id, created.id);
  for (const participant of stored.participants) {
    assert.deepEqual(participant.activityAt, created.createdAt);
    assert.deepEqual([participant.deliveredSeq, participant.readSeq, participant.unreadCount, participant.lastUseq], [0n, 0n, 0n, 0n]);
  }
  messagingd("doctor", server.url);
});

test("Of two conversations of one pair, created at the same time, one holds the key and both stand", async () => {
  await Promise.all(Array.from({ length: 8 }, () => prisma.conversation.create({ data: pair_of("alice", "bob") })));
  const conversations = await prisma.conversation.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  assert.deepEqual(conversations.map(({ pairKey }) => pairKey), ["alice bob", ...Array(7).fill(null)]);
  messagingd("doctor", server.url);
});

test("Messages are read with their conversation and its participants, and back", async () => {
  const { id } = await prisma.conversation.create({ data: pair_of("alice", "bob") });
  const sent = await insert_messages(await prisma.conversation.findUniqueOrThrow({ where: { id } }));

  const conversation = await prisma.conversation.findUniqueOrThrow({
    where: { id },
    include: { participants: { orderBy: { userId: "asc" } }, messages: { orderBy: { seq: "desc" }, take: 2 } },
  });
  assert.deepEqual(conversation.participants.map(({ userId, readSeq }) => [userId, readSeq]), [["alice", 0n], ["bob", 1n]]);
  assert.deepEqual(conversation.messages.map(({ seq, status, createdAt }) => [seq, status, createdAt]), [
    [3n, "SENT", sent[2].createdAt],
    [2n, "DELIVERED", sent[1].createdAt],
  ]);

  const message = await prisma.message.findUniqueOrThrow({
    where: { authorId_clientMessageId: { authorId: "alice", clientMessageId: sent[0].clientMessageId } },
    include: { conversation: true },
  });
  assert.deepEqual([message.content, message.conversation.id], ["message 1", id]);
  assert.equal(await prisma.message.count({ where: { conversationId: id, status: "READ" } }), 1);
  messagingd("doctor", server.url);
});

test("An inbox is read newest first, page by page", async () => {
  const peers = ["bob", "carol", "dave"];
  for (const [i, peer] of peers.entries()) {
    await prisma.conversation.create({ data: { createdAt: new Date(Date.UTC(2026, 0, 1 + i)), ...pair_of("alice", peer) } });
  }
  const page = async (behind) => {
    const rows = await prisma.participant.findMany({
      where: { userId: "alice" },
      orderBy: [{ activityAt: "desc" }, { conversationId: "desc" }],
      take: 2,
      ...(behind && { cursor: { id: behind }, skip: 1 }),
      include: { conversation: { include: { participants: { where: { NOT: { userId: "alice" } } } } } },
    });
    return { peers: rows.map((row) => row.conversation.participants[0].userId), last: rows.at(-1)?.id };
  };
  const first = await page();
  assert.deepEqual(first.peers, ["dave", "carol"]);
  assert.deepEqual((await page(first.last)).peers, ["bob"]);
});

test("What the schema does not allow is refused: a second participation, a message without its number, a conversation with messages deleted", async () => {
  const { id } = await prisma.conversation.create({ data: pair_of("alice", "bob") });
  await assert.rejects(prisma.participant.create({ data: { userId: "bob", conversationId: id } }), { code: "P2002" });
  await assert.rejects(prisma.message.create({ data: { content: "x", authorId: "alice", conversationId: id } }), /seq/);
  await assert.rejects(prisma.conversation.delete({ where: { id } }), { code: "P2003" });
});
