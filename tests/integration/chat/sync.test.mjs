import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../lib/client.mjs';
import { join, newUsers, ownServer, pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

/** All events since an offset, page by page. */
async function wholeSync(client, since, limit) {
  const events = [];
  let page = { offset: since, more: true };
  while (page.more) {
    page = await client.request('sync', { since: page.offset, limit });
    assert.ok(page.events.length <= limit);
    events.push(...page.events);
  }
  return { events, offset: page.offset };
}

test('sync brings what came since, in order, with the live events\' data', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { offset: since } = bob.received('synced')[0].data;
  const sent = [await alice.send(conversationId, 'one'), await alice.send(conversationId, 'two')];
  await bob.event('newMessage', ({ seq }) => seq === 2);
  const { events } = await bob.request('sync', { since });
  assert.deepEqual(events.map(({ event }) => event), ['conversationUpdated', 'newMessage', 'newMessage']);
  assert.deepEqual(events.slice(1).map(({ data }) => data), sent);
  assert.ok(events.every(({ offset }) => typeof offset === 'string'));
});

test('pages of every limit together bring the same', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { offset: since } = bob.received('synced')[0].data;
  await Promise.all(Array.from({ length: 41 }, (_, index) => alice.send(conversationId, `${index}`)));
  const whole = await wholeSync(bob, since, 1000);
  assert.equal(whole.events.length, 42);
  for (const limit of [1, 2, 7, 41, 42, 43]) {
    const paged = await wholeSync(bob, since, limit);
    assert.deepEqual(paged.events, whole.events, `limit ${limit}`);
  }
  assert.deepEqual((await wholeSync(bob, whole.offset, 10)).events, []);
});

test('a device\'s own messages come again in sync', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const { offset: since } = alice.received('synced')[0].data;
  const sent = await alice.send(conversationId, 'mine');
  const { events } = await alice.request('sync', { since });
  assert.ok(events.some(({ event, data }) => event === 'newMessage' && data.id === sent.id));
});

test('receipts that overtook each other come once, as the latest state', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { offset: since } = alice.received('synced')[0].data;
  for (const content of ['one', 'two', 'three']) {
    const { id: messageId } = await alice.send(conversationId, content);
    await bob.request('messageRead', { conversationId, messageId });
  }
  const { events } = await alice.request('sync', { since });
  const statuses = events.filter(({ event }) => event === 'messageStatus').map(({ data }) => data);
  assert.deepEqual(statuses, [
    { conversationId, userId: bob.user, deliveredSeq: 3, readSeq: 3, status: 'READ' },
  ]);
});

test('an offset of another user, altered or invented is RESYNC_REQUIRED', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await alice.send(conversationId, 'one');
  await bob.event('newMessage');
  const { offset } = bob.received('newMessage')[0];
  const altered = `${offset.startsWith('A') ? 'B' : 'A'}${offset.slice(1)}`;
  for (const [client, since] of [[alice, offset], [bob, altered], [bob, 'invented'], [bob, '']]) {
    const error = await client.refusal('sync', { since });
    assert.equal(error.code, 'RESYNC_REQUIRED', JSON.stringify(since));
    assert.equal(error.retryable, false);
  }
});

test('an offset of another database is RESYNC_REQUIRED', async (t) => {
  const [user] = newUsers('alice');
  const elsewhere = await connect(shared.server, user);
  const { offset: since } = elsewhere.received('synced')[0].data;
  elsewhere.close();
  const server = await ownServer(t);
  const alice = await join(t, server, user);
  assert.equal((await alice.refusal('sync', { since })).code, 'RESYNC_REQUIRED');
});
