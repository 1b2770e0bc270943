import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster({ withConnections: true });

/** How soon a published change counts on every node. */
const appliedWithinMs = 1_000;

const publish = (change) =>
  shared.cluster.redis.command('PUBLISH', 'connections:changed', typeof change === 'string' ? change : JSON.stringify(change));

/** The service and what it publishes say the same. */
async function change(alice, bob, connected) {
  shared.cluster.connections.say(connected);
  await publish({ userId: alice.user, otherUserId: bob.user, connected });
}

test('a connection that is removed and made again counts on both nodes at once', async (t) => {
  const { alice, bob, conversationId } = await pairAcross(t, ...shared.nodes);
  const devices = [alice, bob, await join(t, shared.nodes[1], alice.user), await join(t, shared.nodes[0], bob.user)];
  await alice.send(conversationId, 'before');
  await bob.send(conversationId, 'before');

  await change(alice, bob, false);
  for (const device of devices) {
    await device.event('conversationUpdated', ({ id, canSend }) => id === conversationId && !canSend, appliedWithinMs);
  }
  for (const person of [alice, bob]) {
    const error = await person.refusal('sendMessage', { conversationId, content: 'too late' });
    assert.equal(error.code, 'NOT_CONNECTED');
    assert.equal((await person.refusal('typing', { conversationId })).code, 'NOT_CONNECTED');
    // What was said stays readable.
    assert.equal((await person.request('getMessages', { conversationId })).messages.length, 2);
  }

  devices.forEach((device) => device.forget());
  await change(bob, alice, true);
  for (const device of devices) {
    await device.event('conversationUpdated', ({ id, canSend }) => id === conversationId && canSend, appliedWithinMs);
  }
  await alice.send(conversationId, 'after');
  await bob.send(conversationId, 'after');
  for (const device of devices) {
    const updates = device.received('conversationUpdated').filter(({ data }) => data.id === conversationId);
    assert.equal(updates.length, 1, 'told once, whatever number of nodes heard of it');
  }
});

test('a change about two people without a conversation counts when they open one', async (t) => {
  const alice = await join(t, shared.nodes[0], newUsers('alice')[0]);
  const [stranger] = newUsers('stranger');
  shared.cluster.connections.say(true);
  await publish({ userId: stranger, otherUserId: alice.user, connected: false });
  const refused = async () => (await alice.ack('openConversation', { userId: stranger })).error?.code === 'NOT_CONNECTED';
  await until('a refusal', refused, appliedWithinMs);
});

test('what is malformed on the channel is left alone', async (t) => {
  shared.cluster.connections.say(true);
  const { alice, bob, conversationId } = await pairAcross(t, ...shared.nodes);
  for (const nonsense of [
    '',
    '{',
    'null',
    '[]',
    '{}',
    '"x"',
    { userId: alice.user },
    { userId: alice.user, otherUserId: bob.user },
    { userId: alice.user, otherUserId: bob.user, connected: 'no' },
    { userId: alice.user, otherUserId: alice.user, connected: false },
    { userId: 7, otherUserId: bob.user, connected: false },
    { userId: 'a b', otherUserId: bob.user, connected: false },
    { userId: 'x'.repeat(200), otherUserId: bob.user, connected: false },
    '['.repeat(100_000),
  ]) {
    await publish(nonsense);
  }
  // Only what is well formed takes effect; both nodes have read everything before it by then.
  await change(alice, bob, false);
  for (const client of [alice, bob]) {
    const { canSend } = await client.event('conversationUpdated', (it) => it.id === conversationId && !it.canSend, appliedWithinMs);
    assert.equal(canSend, false);
    assert.deepEqual(client.disconnects, []);
  }
});

test('the last decision, not the latest heard, is what the conversation shows: canSend moves with each change', async (t) => {
  shared.cluster.connections.say(true);
  const { alice, bob, conversationId } = await pairAcross(t, ...shared.nodes);
  for (const connected of [false, true, false, true, false]) {
    alice.forget();
    await change(alice, bob, connected);
    await alice.event('conversationUpdated', ({ id, canSend }) => id === conversationId && canSend === connected, appliedWithinMs);
  }
  const { conversations } = await bob.request('getConversations', {});
  assert.equal(conversations.find(({ id }) => id === conversationId).canSend, false);
});
