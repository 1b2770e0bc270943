import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Sender } from '../../integration/lib/sender.mjs';
import { sleep, until } from '../../integration/lib/wait.mjs';
import { Arrivals, lateMsMax } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

const rounds = 6;

test(`${rounds} times kill -9 of a node in the middle of sends: what it stored reaches the other node's devices`, async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const devices = [bob, await join(t, second, alice.user)].map((client) => new Arrivals(client, conversationId));
  const sender = new Sender(alice, conversationId);
  let latest = 0;
  for (let round = 0; round < rounds; round += 1) {
    sender.begin({ lanes: 16 });
    const before = sender.acked.size;
    await until('some messages', () => sender.acked.size > before + 30, 10_000);
    await sleep(Math.random() * 30);
    const stopped = sender.stop();
    const killed = performance.now();
    await first.kill9();
    // The truth is in the tables, whatever was acked or published; nothing else will come before the node is back.
    const stored = await wholeHistory(bob, conversationId);
    for (const device of devices) {
      await device.all(stored);
    }
    latest = Math.max(latest, performance.now() - killed);
    await first.start();
    await stopped;
  }
  t.diagnostic(`everything that a killed node had stored was at the others after ${Math.round(latest)} ms at the latest`);
  assert.ok(latest <= lateMsMax, `${latest} ms`);
  const history = await wholeHistory(bob, conversationId);
  assertDense(history);
  sender.assertStored(history);
  for (const device of devices) {
    await device.all(history);
    device.assertAre(history);
    assert.deepEqual(device.client.disconnects, []);
  }
});

test('typing ends also when the node of the typist has died', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  await alice.request('typing', { conversationId });
  await bob.event('typing', ({ isTyping }) => isTyping);
  await first.kill9();
  // 7 s, and what a busy machine adds.
  await bob.event('typing', ({ isTyping }) => !isTyping, 8_000);
  await first.start();
});

test('a node that stands still for 6 s and goes on has missed nothing', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const seen = new Arrivals(bob, conversationId);
  const sent = await alice.sendMany(conversationId, 5);
  second.freeze();
  sent.push(...(await alice.sendMany(conversationId, 20)));
  await sleep(6_000);
  sent.push(...(await alice.sendMany(conversationId, 20)));
  second.thaw();
  await seen.all(sent);
  seen.assertAre(sent);
});

test('afterwards the tables are as they should be', () => shared.cluster.assertHealthy());
