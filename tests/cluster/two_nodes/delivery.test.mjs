import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster({ nodes: 3 });

/** alice writes from the first node; bob and their other devices are on the other two. */
async function people(t) {
  const [first, second, third] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const others = {
    'her tablet': await join(t, second, alice.user),
    'her desktop': await join(t, third, alice.user),
    'his tablet': await join(t, third, bob.user),
    'his second tab': await join(t, second, bob.user),
  };
  return { alice, bob, conversationId, others };
}

test('a message reaches every other device of both people, on whatever node, in order, once, with offsets', async (t) => {
  const { alice, bob, conversationId, others } = await people(t);
  const devices = [bob, ...Object.values(others)].map((client) => new Arrivals(client, conversationId));
  const sent = await alice.sendMany(conversationId, 50);
  for (const device of devices) {
    await device.all(sent);
    device.assertAre(sent);
    assert.deepEqual(device.messages[0], sent[0]);
    const offsets = device.client.received('newMessage').map(({ offset }) => offset);
    assert.ok(offsets.every((offset) => typeof offset === 'string'));
    assert.equal(new Set(offsets).size, sent.length, 'every message has a position of its own');
  }
  assert.deepEqual(alice.messages, [], 'the device that wrote has the acks');
});

test('two people who write at the same time on two nodes see one order, and so does the history', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const witnesses = [await join(t, second, alice.user), await join(t, first, bob.user)].map(
    (client) => new Arrivals(client, conversationId),
  );
  const sent = (await Promise.all([alice.sendMany(conversationId, 200), bob.sendMany(conversationId, 200)])).flat();
  sent.sort((one, other) => one.seq - other.seq);
  assert.deepEqual(sent.map(({ seq }) => seq), sent.map((_, index) => index + 1), 'dense');
  for (const witness of witnesses) {
    await witness.all(sent);
    witness.assertAre(sent);
  }
});

test('typing reaches the devices on the other nodes, and ends with the message', async (t) => {
  const { alice, bob, conversationId, others } = await people(t);
  await alice.request('typing', { conversationId, isTyping: true });
  for (const client of [bob, others['his tablet']]) {
    const typing = await client.event('typing', ({ isTyping }) => isTyping);
    assert.deepEqual(typing, { conversationId, userId: alice.user, isTyping: true });
  }
  await alice.send(conversationId, 'done');
  for (const client of [bob, others['his tablet']]) {
    await client.event('typing', ({ isTyping }) => !isTyping);
  }
  assert.deepEqual(others['her tablet'].received('typing'), [], "not to the typist's own");
});

test('typing ends when the last device of the typist leaves', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  await alice.request('typing', { conversationId });
  await bob.event('typing', ({ isTyping }) => isTyping);
  alice.close();
  // Long before the 6 s after which it would end in any case.
  await bob.event('typing', ({ isTyping }) => !isTyping, 2_000);
});

test('receipts reach the author on every node and the other devices of the reader', async (t) => {
  const { alice, bob, conversationId, others } = await people(t);
  const { id: messageId } = await alice.send(conversationId, 'read me');
  await bob.event('newMessage');
  const stored = await bob.request('messageRead', { conversationId, messageId });
  assert.deepEqual(stored, { deliveredSeq: 1, readSeq: 1 });
  for (const client of [alice, ...Object.values(others)]) {
    const status = await client.event('messageStatus');
    assert.deepEqual(status, { conversationId, userId: bob.user, deliveredSeq: 1, readSeq: 1, status: 'READ' });
  }
});

test('conversationUpdated reaches every device of both people, each with their own view', async (t) => {
  const [first, second, third] = shared.nodes;
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await join(t, first, aliceName);
  const devices = await Promise.all([
    join(t, second, aliceName),
    join(t, second, bobName),
    join(t, third, bobName),
  ]);
  const opened = await alice.request('openConversation', { userId: bobName });
  for (const device of devices) {
    const updated = await device.event('conversationUpdated');
    assert.equal(updated.id, opened.id);
    assert.equal(updated.canSend, true);
    assert.equal(device.received('conversationUpdated').length, 1);
  }
});

test('a conversation that both open at once, on two nodes, is one', async (t) => {
  const [first, second] = shared.nodes;
  for (let round = 0; round < 10; round += 1) {
    const [aliceName, bobName] = newUsers('alice', 'bob');
    const alice = await join(t, first, aliceName);
    const bob = await join(t, second, bobName);
    const [hers, his] = await Promise.all([
      alice.request('openConversation', { userId: bobName }),
      bob.request('openConversation', { userId: aliceName }),
    ]);
    assert.equal(hers.id, his.id);
  }
});

test('a conversation of two rows with the original columns alone is found and used on every node', async (t) => {
  const [first, second] = shared.nodes;
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const [{ id }] = await shared.cluster.query('INSERT INTO "Conversation" (id) VALUES (gen_random_uuid()) RETURNING id');
  await shared.cluster.query(
    'INSERT INTO "Participant" (id, "userId", "conversationId") VALUES (gen_random_uuid(), $2, $1), (gen_random_uuid(), $3, $1)',
    [id, aliceName, bobName],
  );
  const alice = await join(t, first, aliceName);
  const bob = await join(t, second, bobName);
  assert.equal((await bob.request('openConversation', { userId: aliceName })).id, id);
  const sent = await alice.send(id, 'hello');
  assert.deepEqual(await bob.event('newMessage'), sent);
});
