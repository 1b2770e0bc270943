import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { tokenFor } from '../../integration/lib/token.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

const names = (client) => client.events.map(({ event }) => event);

test('pid and offset of one node are good on the other: recovered, with what was missed in order', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  await alice.send(conversationId, 'seen');
  await bob.event('newMessage');
  await bob.goAway();
  const missed = await alice.sendMany(conversationId, 30);
  bob.socket.io.uri = first.url;
  await bob.comeBack();
  assert.equal(bob.socket.recovered, true);
  assert.deepEqual(bob.messages.map(({ seq }) => seq), missed.map(({ seq }) => seq));
  assert.equal(names(bob).at(-1), 'synced');
  const next = await alice.send(conversationId, 'live again');
  await bob.event('newMessage', ({ id }) => id === next.id);
});

test('auth.since on another node brings the same', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const { offset } = await bob.synced();
  const missed = await alice.sendMany(conversationId, 30);
  const tablet = await join(t, first, bob.user, { auth: { token: tokenFor(bob.user), since: offset } });
  assert.equal(tablet.socket.recovered, false);
  assert.deepEqual(tablet.messages.map(({ seq }) => seq), missed.map(({ seq }) => seq));
  assert.ok(!names(tablet).includes('resyncRequired'));
});

test('sync answers the same on every node', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const { offset: since } = await bob.synced();
  const sent = await alice.sendMany(conversationId, 30);
  await bob.request('messageRead', { conversationId, messageId: sent[9].id });
  const tablet = await join(t, first, bob.user);
  const [here, there] = await Promise.all([bob, tablet].map((device) => device.request('sync', { since })));
  assert.deepEqual(here.events, there.events);
  const messages = here.events.filter(({ event }) => event === 'newMessage').map(({ data }) => data.seq);
  assert.deepEqual(messages, sent.map(({ seq }) => seq));
});

test('somebody who changes the node in the middle of a stream of messages misses none and gets none twice', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const seen = new Arrivals(bob, conversationId);
  const sending = (async () => {
    const sent = [];
    for (let round = 0; round < 60; round += 1) {
      sent.push(...(await alice.sendMany(conversationId, 5)));
    }
    return sent;
  })();
  for (let round = 0; round < 8; round += 1) {
    await bob.moveTo(round % 2 ? second : first);
  }
  const sent = await sending;
  await seen.all(sent);
  seen.assertAre(sent);
});
