import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster({ nodes: 1, withConnections: true });

/** Asks about somebody new each time: the answer is in no cache. */
const askAboutSomebody = (alice) => alice.ack('openConversation', { userId: newUsers('somebody')[0] });

/** Fails until calls are not even made any more. */
async function openBreaker(alice) {
  const { connections } = shared.cluster;
  await until('calls that are not made', async () => {
    const before = connections.calls.length;
    const answer = await askAboutSomebody(alice);
    assert.equal(answer.error.code, 'AUTHZ_UNAVAILABLE');
    return connections.calls.length === before;
  });
}

test('failures in a row open the breaker: refused at once, without a call; it closes when the service is well again', async (t) => {
  const { connections } = shared.cluster;
  const alice = await join(t, shared.nodes[0], 'alice');
  connections.say('UNAVAILABLE');
  await openBreaker(alice);

  const before = connections.calls.length;
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 100 }, () => askAboutSomebody(alice)));
  assert.ok(answers.every(({ ok, error }) => !ok && error.code === 'AUTHZ_UNAVAILABLE' && error.retryable));
  // A half-open breaker lets one through now and then.
  assert.ok(connections.calls.length - before <= 3, `${connections.calls.length - before} calls`);
  assert.ok(performance.now() - began < 2_000);

  connections.say(true);
  await until('calls again', async () => (await askAboutSomebody(alice)).ok, 15_000);
  const [yes, more] = [await askAboutSomebody(alice), await askAboutSomebody(alice)];
  assert.ok(yes.ok && more.ok);
});

test('a service that hangs opens it too, so that nobody waits for it', async (t) => {
  const { connections } = shared.cluster;
  const alice = await join(t, shared.nodes[0], 'alice');
  connections.say(true, { delayMs: 2_000 });
  await openBreaker(alice);
  const began = performance.now();
  await askAboutSomebody(alice);
  t.diagnostic(`refused after ${Math.round(performance.now() - began)} ms`);
  connections.say(true);
  await until('calls again', async () => (await askAboutSomebody(alice)).ok, 15_000);
});

test('PERMISSION_DENIED and no are answers: they open nothing', async (t) => {
  const { connections } = shared.cluster;
  const alice = await join(t, shared.nodes[0], 'alice');
  for (const answer of ['PERMISSION_DENIED', false]) {
    connections.say(answer);
    for (let round = 0; round < 15; round += 1) {
      assert.equal((await askAboutSomebody(alice)).error.code, 'NOT_CONNECTED');
    }
  }
  connections.say(true);
  assert.equal((await askAboutSomebody(alice)).ok, true);
});

test('the service is stopped and started again: undecided pairs are refused meanwhile, decided ones are not', async (t) => {
  const { connections } = shared.cluster;
  const alice = await join(t, shared.nodes[0], 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: newUsers('bob')[0] });
  connections.stop();
  assert.equal((await askAboutSomebody(alice)).error.code, 'AUTHZ_UNAVAILABLE');
  await alice.send(conversationId, 'still');
  await connections.restart();
  await until('calls again', async () => (await askAboutSomebody(alice)).ok, 15_000);
});

test('a yes that is older than 30 s serves while the service is away, one that is older than 120 s does not', async (t) => {
  const { connections, redis } = shared.cluster;
  const alice = await join(t, shared.nodes[0], 'alice');
  connections.say('UNAVAILABLE');
  for (const [ageMs, isServed] of [[60_000, true], [130_000, false]]) {
    const [bob] = newUsers('bob');
    await redis.command('SET', `connection:alice:${bob}`, `1:${Date.now() - ageMs}`);
    const answer = await alice.ack('openConversation', { userId: bob });
    assert.equal(answer.ok, isServed, JSON.stringify(answer));
  }
  connections.say(true);
  await until('calls again', async () => (await askAboutSomebody(alice)).ok, 15_000);
});
