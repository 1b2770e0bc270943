import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = sharedServer();

async function inboxOf(t, peers) {
  const [user] = newUsers('alice');
  const alice = await join(t, shared.server, user);
  const ids = [];
  for (let index = 0; index < peers; index += 1) {
    const { id } = await alice.request('openConversation', { userId: `peer-${index}-of-${user}` });
    ids.push(id);
    // createdAt has milliseconds: two conversations of the same one are ordered by id.
    await sleep(2);
  }
  return { alice, ids };
}

async function wholeInbox(client, limit) {
  const conversations = [];
  let cursor;
  do {
    const page = await client.request('getConversations', { limit, ...(cursor && { cursor }) });
    assert.ok(page.conversations.length <= limit);
    conversations.push(...page.conversations);
    cursor = page.nextCursor;
  } while (cursor);
  return conversations.map(({ id }) => id);
}

test('an empty inbox has no conversations, no cursor, and an offset', async (t) => {
  const { alice } = await inboxOf(t, 0);
  const page = await alice.request('getConversations', {});
  assert.deepEqual(page.conversations, []);
  assert.equal(page.nextCursor, null);
  assert.equal(typeof page.offset, 'string');
});

test('without messages the newest conversation comes first', async (t) => {
  const { alice, ids } = await inboxOf(t, 5);
  assert.deepEqual(await wholeInbox(alice, 100), [...ids].reverse());
});

test('a message moves its conversation to the top, a receipt does not', async (t) => {
  const { alice, ids } = await inboxOf(t, 4);
  const message = await alice.send(ids[1], 'up');
  assert.equal((await wholeInbox(alice, 100))[0], ids[1]);
  await sleep(2);
  await alice.send(ids[0], 'further up');
  await alice.request('messageRead', { conversationId: ids[1], messageId: message.id });
  const [first, second] = await wholeInbox(alice, 100);
  assert.deepEqual([first, second], [ids[0], ids[1]]);
});

test('paging agrees for every limit', async (t) => {
  const { alice, ids } = await inboxOf(t, 23);
  await alice.send(ids[5], 'up');
  const whole = await wholeInbox(alice, 100);
  assert.equal(whole.length, 23);
  for (const limit of [1, 2, 5, 11, 22, 23, 24]) {
    assert.deepEqual(await wholeInbox(alice, limit), whole, `limit ${limit}`);
  }
});

test('20 conversations are a page by default', async (t) => {
  const { alice } = await inboxOf(t, 22);
  const page = await alice.request('getConversations', {});
  assert.equal(page.conversations.length, 20);
  assert.equal(typeof page.nextCursor, 'string');
});

test('an entry shows the last message, the last seq and the watermarks', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await alice.send(conversationId, 'one');
  const last = await bob.send(conversationId, 'two');
  await alice.request('messageRead', { conversationId, messageId: last.id });
  const { conversations } = await alice.request('getConversations', {});
  assert.equal(conversations[0].lastSeq, 2);
  assert.deepEqual(conversations[0].lastMessage, { ...last, status: 'READ' });
  assert.deepEqual(
    conversations[0].participants.find(({ userId }) => userId === alice.user),
    { userId: alice.user, deliveredSeq: 2, readSeq: 2 },
  );
});

test('sync from the inbox\'s offset brings exactly what came after the page', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await alice.send(conversationId, 'before');
  await bob.event('newMessage');
  const { offset } = await bob.request('getConversations', {});
  const after = await alice.send(conversationId, 'after');
  await bob.event('newMessage', ({ seq }) => seq === 2);
  const { events, more } = await bob.request('sync', { since: offset });
  assert.deepEqual(events.map(({ event, data }) => [event, data.id]), [['newMessage', after.id]]);
  assert.equal(more, false);
});
