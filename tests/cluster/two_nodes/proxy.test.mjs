import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newUsers } from '../../integration/lib/fixture.mjs';
import { connect } from '../../integration/lib/client.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Sender } from '../../integration/lib/sender.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { sharedCluster } from '../lib/cluster.mjs';
import { Haproxy } from '../lib/haproxy.mjs';

const shared = sharedCluster({ nodes: 3 });

/** Two people behind the proxy, and what the second is sent. */
async function pairBehind(t, proxy) {
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await connect(proxy, aliceName);
  const bob = await connect(proxy, bobName);
  t.after(() => [alice, bob].forEach((client) => client.close()));
  const { id: conversationId } = await alice.request('openConversation', { userId: bobName });
  return { alice, bob, conversationId, seen: new Arrivals(bob, conversationId), sender: new Sender(alice, conversationId) };
}

test('clients behind a round-robin proxy whose links break again and again get everything in order and once', async (t) => {
  const proxy = await Haproxy.start(shared.nodes);
  t.after(() => proxy.discard());
  const pairs = await Promise.all(Array.from({ length: 6 }, () => pairBehind(t, proxy)));
  for (const { sender } of pairs) {
    sender.begin({ lanes: 2, pauseMs: 5 });
  }
  for (let round = 0; round < 5; round += 1) {
    for (const { alice, bob, sender } of pairs) {
      const before = sender.acked.size;
      await until('some messages', () => sender.acked.size > before + 5, 10_000);
      for (const client of [alice, bob]) {
        const links = client.received('synced').length;
        client.breakLink();
        await until('the next link', () => client.received('synced').length > links, 10_000);
      }
    }
  }
  await Promise.all(pairs.map(({ sender }) => sender.stop()));
  for (const { alice, bob, conversationId, seen, sender } of pairs) {
    const history = await wholeHistory(alice, conversationId);
    assertDense(history);
    sender.assertStored(history);
    await seen.all(history);
    seen.assertAre(history);
    assert.equal(bob.received('resyncRequired').length, 0);
  }
  await shared.cluster.assertHealthy();
});
