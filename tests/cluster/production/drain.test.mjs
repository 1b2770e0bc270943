import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../integration/lib/client.mjs';
import { newUsers } from '../../integration/lib/fixture.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Sender } from '../../integration/lib/sender.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { sharedCluster } from '../lib/cluster.mjs';
import { Haproxy } from '../lib/haproxy.mjs';

// As long as production takes by default.
const shared = sharedCluster({ env: { DRAIN_SECONDS: '15' } });

/** G8. */
const drainedWithinMs = 25_000;

const pairsCount = 10;

async function pairBehind(proxy) {
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await connect(proxy, aliceName);
  const bob = await connect(proxy, bobName);
  const { id: conversationId } = await alice.request('openConversation', { userId: bobName });
  return { alice, bob, conversationId, seen: new Arrivals(bob, conversationId), sender: new Sender(alice, conversationId) };
}

test('a rolling restart under load: every client moves, nothing acked is lost, each node ends with 0 in time', async (t) => {
  const proxy = await Haproxy.start(shared.nodes);
  t.after(() => proxy.discard());
  const pairs = await Promise.all(Array.from({ length: pairsCount }, () => pairBehind(proxy)));
  t.after(() => pairs.forEach(({ alice, bob }) => [alice, bob].forEach((client) => client.close())));
  const clients = pairs.flatMap(({ alice, bob }) => [alice, bob]);
  for (const { sender } of pairs) {
    sender.begin({ lanes: 2, pauseMs: 10 });
  }
  const everybodySends = () => {
    const before = pairs.map(({ sender }) => sender.acked.size);
    return until('messages of everybody', () => pairs.every(({ sender }, index) => sender.acked.size > before[index] + 10), 15_000);
  };
  await everybodySends();

  for (const node of shared.nodes) {
    const began = performance.now();
    node.process.kill('SIGTERM');
    const { code, signal } = await node.exited;
    const took = Math.round(performance.now() - began);
    t.diagnostic(`drained in ${took} ms`);
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    assert.ok(took <= drainedWithinMs, `${took} ms`);
    await until('everybody on the other node', () => clients.every(({ socket }) => socket.connected), 10_000);
    await everybodySends();
    await node.start();
  }
  await Promise.all(pairs.map(({ sender }) => sender.stop()));

  for (const { alice, conversationId, seen, sender } of pairs) {
    assert.deepEqual(sender.refusals.filter((code) => code !== 'SERVER_DRAINING'), []);
    const history = await wholeHistory(alice, conversationId);
    assertDense(history);
    sender.assertStored(history);
    await seen.all(history);
    seen.assertAre(history);
  }
  for (const client of clients) {
    // After packet 41, which reads 'io server disconnect', the official client stays away.
    assert.deepEqual(client.disconnects.filter((reason) => !['transport close', 'transport error'].includes(reason)), []);
    assert.equal(client.received('resyncRequired').length, 0);
  }
  await shared.cluster.assertHealthy();
});
