import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connect } from '../lib/client.mjs';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';
import { wholeHistory } from '../lib/history.mjs';

const count = 47;

/** One conversation that the reading tests share. */
async function fill(server) {
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await connect(server, aliceName);
  const bob = await connect(server, bobName);
  const { id: conversationId } = await alice.request('openConversation', { userId: bobName });
  const sent = [];
  for (let index = 1; index <= count; index += 1) {
    sent.push(await (index % 3 ? alice : bob).send(conversationId, `message ${index}`));
  }
  alice.close();
  bob.close();
  return { aliceName, conversationId, sent };
}

const shared = sharedServer({}, fill);

async function reader(t) {
  return join(t, shared.server, shared.aliceName);
}

const seqs = ({ messages }) => messages.map(({ seq }) => seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('the newest page comes without a cursor, ascending, 50 by default', async (t) => {
  const alice = await reader(t);
  const page = await alice.request('getMessages', { conversationId: shared.conversationId, limit: 10 });
  assert.deepEqual(seqs(page), range(38, 47));
  assert.equal(page.newerCursor, null);
  assert.equal(typeof page.olderCursor, 'string');
  const whole = await alice.request('getMessages', { conversationId: shared.conversationId });
  assert.deepEqual(whole.messages, shared.sent);
  assert.equal(whole.olderCursor, null);
  assert.equal(whole.newerCursor, null);
});

test('the default page has 50 messages', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  await Promise.all(Array.from({ length: 60 }, (_, index) => alice.send(conversationId, `${index}`)));
  const page = await alice.request('getMessages', { conversationId });
  assert.deepEqual(seqs(page), range(11, 60));
});

test('paging to the oldest agrees for every limit', async (t) => {
  const alice = await reader(t);
  for (const limit of [1, 2, 3, 7, 10, 23, 46, 47, 48, 100]) {
    const messages = await wholeHistory(alice, shared.conversationId, limit);
    assert.deepEqual(messages, shared.sent, `limit ${limit}`);
  }
});

test('paging back to the newest from the oldest page agrees', async (t) => {
  const alice = await reader(t);
  const { conversationId } = shared;
  let page = await alice.request('getMessages', { conversationId, limit: 10 });
  while (page.olderCursor) {
    page = await alice.request('getMessages', { conversationId, limit: 10, cursor: page.olderCursor });
  }
  const forward = [...page.messages];
  while (page.newerCursor) {
    page = await alice.request('getMessages', { conversationId, limit: 9, cursor: page.newerCursor });
    forward.push(...page.messages);
  }
  assert.deepEqual(forward, shared.sent);
});

const arounds = [
  { target: 24, limit: 5, has: range(22, 26) },
  { target: 24, limit: 1, has: [24] },
  { target: 1, limit: 5, has: range(1, 5) },
  { target: 2, limit: 5, has: range(1, 5) },
  { target: 47, limit: 5, has: range(43, 47) },
  { target: 46, limit: 5, has: range(43, 47) },
  { target: 20, limit: 100, has: range(1, 47) },
];

for (const { target, limit, has } of arounds) {
  test(`around message ${target} of ${count} with limit ${limit}: ${has[0]} to ${has.at(-1)}, and paging on from both ends`, async (t) => {
    const alice = await reader(t);
    const { conversationId, sent } = shared;
    const page = await alice.request('getMessages', { conversationId, limit, around: sent[target - 1].id });
    assert.deepEqual(seqs(page), has);
    assert.equal(page.olderCursor === null, has[0] === 1);
    assert.equal(page.newerCursor === null, has.at(-1) === count);
    if (page.olderCursor) {
      const older = await alice.request('getMessages', { conversationId, limit: 3, cursor: page.olderCursor });
      assert.equal(seqs(older).at(-1), has[0] - 1);
    }
    if (page.newerCursor) {
      const newer = await alice.request('getMessages', { conversationId, limit: 3, cursor: page.newerCursor });
      assert.equal(seqs(newer)[0], has.at(-1) + 1);
    }
  });
}

test('around with an even limit holds the target and as many messages as asked for', async (t) => {
  const alice = await reader(t);
  const { conversationId, sent } = shared;
  const page = await alice.request('getMessages', { conversationId, limit: 4, around: sent[23].id });
  assert.equal(page.messages.length, 4);
  const at = seqs(page).indexOf(24);
  assert.ok(at === 1 || at === 2, `in the middle: ${seqs(page)}`);
});

test('a cursor keeps its place while new messages come', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  for (const content of ['1', '2', '3', '4']) {
    await alice.send(conversationId, content);
  }
  const page = await alice.request('getMessages', { conversationId, limit: 2 });
  await alice.send(conversationId, '5');
  const older = await alice.request('getMessages', { conversationId, limit: 2, cursor: page.olderCursor });
  assert.deepEqual(older.messages.map(({ content }) => content), ['1', '2']);
  assert.equal(typeof older.newerCursor, 'string');
});

test('cursors of another caller, of another conversation, of another list, altered or invented are CURSOR_INVALID', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const [carolName] = newUsers('carol');
  const other = await alice.request('openConversation', { userId: carolName });
  for (const id of [conversationId, other.id]) {
    await alice.send(id, 'one');
    await alice.send(id, 'two');
  }
  const { olderCursor } = await alice.request('getMessages', { conversationId, limit: 1 });
  const { nextCursor } = await alice.request('getConversations', { limit: 1 });
  const altered = `${olderCursor.startsWith('A') ? 'B' : 'A'}${olderCursor.slice(1)}`;
  const cases = [
    [bob, 'getMessages', { conversationId, cursor: olderCursor }],
    [alice, 'getMessages', { conversationId: other.id, cursor: olderCursor }],
    [alice, 'getMessages', { conversationId, cursor: altered }],
    [alice, 'getMessages', { conversationId, cursor: 'invented' }],
    [alice, 'getMessages', { conversationId, cursor: nextCursor }],
    [alice, 'getConversations', { cursor: olderCursor }],
    [alice, 'getConversations', { cursor: 'invented' }],
    [bob, 'getConversations', { cursor: nextCursor }],
  ];
  for (const [client, event, payload] of cases) {
    const error = await client.refusal(event, payload);
    assert.equal(error.code, 'CURSOR_INVALID', `${event} ${JSON.stringify(payload)} by ${client.user}`);
    assert.equal(error.retryable, false);
  }
});

test('cursors stay good after a restart', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  await alice.send(conversationId, 'one');
  await alice.send(conversationId, 'two');
  const { olderCursor } = await alice.request('getMessages', { conversationId, limit: 1 });
  await shared.server.restart();
  await alice.connected();
  const older = await alice.request('getMessages', { conversationId, cursor: olderCursor });
  assert.deepEqual(older.messages.map(({ content }) => content), ['one']);
});

test('around a message that does not exist is VALIDATION_FAILED, field around', async (t) => {
  const alice = await reader(t);
  const error = await alice.refusal('getMessages', { conversationId: shared.conversationId, around: randomUUID() });
  assert.equal(error.code, 'VALIDATION_FAILED');
  assert.equal(error.field, 'around');
});
