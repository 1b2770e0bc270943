import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster({ withConnections: true });

/** Two people whose conversation is in the tables, about whom nobody has asked yet. */
async function undecided(t, names = newUsers('alice', 'bob')) {
  const [first, second] = shared.nodes;
  const [aliceName, bobName] = names;
  const [{ id: conversationId }] = await shared.cluster.query(
    'INSERT INTO "Conversation" (id) VALUES (gen_random_uuid()) RETURNING id',
  );
  await shared.cluster.query(
    'INSERT INTO "Participant" (id, "userId", "conversationId") VALUES (gen_random_uuid(), $2, $1), (gen_random_uuid(), $3, $1)',
    [conversationId, aliceName, bobName],
  );
  const alice = await join(t, first, aliceName);
  const bob = await join(t, second, bobName);
  shared.cluster.connections.say(true);
  return { alice, bob, conversationId, calls: () => shared.cluster.connections.callsAbout(aliceName, bobName) };
}

const keyOf = (...users) => {
  const escaped = users.map((user) => user.replaceAll('%', '%25').replaceAll(':', '%3A'));
  return `connection:${escaped.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))).join(':')}`;
};

async function storedDecision(...users) {
  const value = await until('the decision in Redis', () => shared.cluster.redis.command('GET', keyOf(...users)));
  const [, connected, decidedAt] = /^([01]):(\d+)$/.exec(String(value)) ?? assert.fail(`value ${value}`);
  return { connected: connected === '1', decidedAt: Number(decidedAt) };
}

test('yes: sending is allowed, and the service was asked once, with the token and the trace of the request', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  await alice.send(conversationId, 'hello');
  await alice.send(conversationId, 'again');
  const [call, ...more] = calls();
  assert.deepEqual(more, []);
  assert.deepEqual([call.userId, call.otherUserId], [alice.user, bob.user]);
  assert.equal(call.authorization, `Bearer ${alice.socket.auth.token}`);
  assert.match(call.traceparent, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/);
});

test('no: NOT_CONNECTED, nothing is stored or relayed, and both learn that they cannot send', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  shared.cluster.connections.say(false);
  const error = await alice.refusal('sendMessage', { conversationId, content: 'hello' });
  assert.equal(error.code, 'NOT_CONNECTED');
  assert.equal(error.retryable, false);
  for (const client of [alice, bob]) {
    await client.event('conversationUpdated', ({ canSend }) => canSend === false);
  }
  assert.equal((await alice.refusal('typing', { conversationId })).code, 'NOT_CONNECTED');
  assert.equal((await alice.refusal('openConversation', { userId: bob.user })).code, 'NOT_CONNECTED');
  assert.equal(calls().length, 1, 'a no is remembered');
  const { messages } = await bob.request('getMessages', { conversationId });
  assert.deepEqual(messages, []);
  assert.deepEqual([...bob.messages, ...bob.received('typing')], []);
});

test('PERMISSION_DENIED: NOT_CONNECTED this time, but it is no decision', async (t) => {
  const { alice, conversationId, calls } = await undecided(t);
  shared.cluster.connections.say('PERMISSION_DENIED');
  assert.equal((await alice.refusal('sendMessage', { conversationId, content: 'hello' })).code, 'NOT_CONNECTED');
  shared.cluster.connections.say(true);
  await alice.send(conversationId, 'hello');
  assert.equal(calls().length, 2);
  const { conversations } = await alice.request('getConversations', {});
  assert.equal(conversations[0].canSend, true);
});

for (const [what, answer, options] of [
  ['UNAVAILABLE', 'UNAVAILABLE'],
  ['an answer after 1 s', true, { delayMs: 1_000 }],
]) {
  test(`${what}: AUTHZ_UNAVAILABLE within the deadline, and the next one is asked again`, async (t) => {
    const { alice, conversationId } = await undecided(t);
    shared.cluster.connections.say(answer, options);
    const asked = performance.now();
    const error = await alice.refusal('sendMessage', { conversationId, content: 'hello' });
    const took = performance.now() - asked;
    assert.equal(error.code, 'AUTHZ_UNAVAILABLE');
    assert.equal(error.retryable, true);
    assert.ok(took < 900, `${took} ms`);
    shared.cluster.connections.say(true);
    await alice.send(conversationId, 'hello');
  });
}

test('sends of one pair at once are one question', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  const twin = await join(t, shared.nodes[0], alice.user);
  shared.cluster.connections.say(true, { delayMs: 100 });
  const sent = await Promise.all(
    Array.from({ length: 60 }, (_, index) => [alice, twin][index % 2].send(conversationId, `${index}`)),
  );
  assert.equal(calls().length, 1);
  assert.deepEqual(sent.map(({ seq }) => seq).sort((a, b) => a - b), sent.map((_, index) => index + 1));
  await bob.event('newMessage', ({ seq }) => seq === sent.length);
});

test('what one node has learnt, the other does not ask', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  const before = Date.now();
  await alice.send(conversationId, 'hello');
  const { connected, decidedAt } = await storedDecision(alice.user, bob.user);
  assert.equal(connected, true);
  assert.ok(decidedAt >= before - 1_000 && decidedAt <= Date.now() + 1_000);
  await bob.send(conversationId, 'and back');
  assert.equal(calls().length, 1);
});

test('the key of a pair whose ids hold the separator is unambiguous', async (t) => {
  const names = newUsers('a:b%', '%3A:z');
  const { alice, conversationId } = await undecided(t, names);
  await alice.send(conversationId, 'hello');
  assert.equal((await storedDecision(...names)).connected, true);
});

test('a decision in Redis counts from when it was made: fresh ones are believed, old ones are asked again', async (t) => {
  const { redis } = shared.cluster;
  for (const [value, ageMs, outcome, questions] of [
    ['0', 1_000, 'NOT_CONNECTED', 0],
    ['0', 6_000, 'stored', 1],
    ['1', 20_000, 'stored', 0],
    ['1', 40_000, 'stored', 1],
  ]) {
    const { alice, bob, conversationId, calls } = await undecided(t);
    await redis.command('SET', keyOf(alice.user, bob.user), `${value}:${Date.now() - ageMs}`);
    const answer = await alice.ack('sendMessage', { conversationId, content: 'hello' });
    assert.equal(answer.ok ? 'stored' : answer.error.code, outcome, `${value}, ${ageMs} ms old`);
    assert.equal(calls().length, questions, `${value}, ${ageMs} ms old`);
  }
});

test('nonsense under the key of a decision is as none', async (t) => {
  const { redis } = shared.cluster;
  for (const value of ['', '1', 'yes', '2:1', '1:', '1:x', `1:${'9'.repeat(40)}`]) {
    const { alice, bob, conversationId, calls } = await undecided(t);
    await redis.command('SET', keyOf(alice.user, bob.user), value);
    await alice.send(conversationId, 'hello');
    assert.equal(calls().length, 1, `'${value}'`);
  }
});

test('a decision dated in the future does not live for ever', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  await shared.cluster.redis.command('SET', keyOf(alice.user, bob.user), `1:${Date.now() + 3_600_000}`);
  shared.cluster.connections.say(false);
  assert.equal((await alice.refusal('sendMessage', { conversationId, content: 'hello' })).code, 'NOT_CONNECTED');
  assert.equal(calls().length, 1);
});

test('without Redis the service is asked, and sending goes on', async (t) => {
  const { alice, bob, conversationId, calls } = await undecided(t);
  const { redis } = shared.cluster;
  await redis.kill9();
  try {
    await alice.send(conversationId, 'hello');
    await bob.send(conversationId, 'and back');
    assert.equal(calls().length, 2, 'each node for itself');
  } finally {
    await redis.restart();
    for (const node of shared.nodes) await until('the node is back at Redis', async () => !(await node.isDegraded()), 10_000);
  }
});

test('pairs that were decided before can send while the service is away', async (t) => {
  const { alice, bob, conversationId } = await pairAcross(t, ...shared.nodes);
  shared.cluster.connections.say('UNAVAILABLE');
  await alice.send(conversationId, 'hello');
  await bob.send(conversationId, 'and back');
  shared.cluster.connections.say(true);
});
