import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { assertDense, assertOnce, wholeHistory } from '../../integration/lib/history.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

test('one clientMessageId sent on two nodes at once is one message, and both acks name it', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const twin = await join(t, second, alice.user);
  const seen = new Arrivals(bob, conversationId);
  const sent = [];
  for (let round = 0; round < 40; round += 1) {
    const clientMessageId = randomUUID();
    const acks = await Promise.all(
      [alice, twin, alice, twin].map((device) => device.send(conversationId, `round ${round}`, clientMessageId)),
    );
    for (const ack of acks) {
      assert.deepEqual({ ...ack, status: 'SENT' }, { ...acks[0], status: 'SENT' });
    }
    sent.push(acks[0]);
  }
  await seen.all(sent);
  seen.assertAre(sent);
  const history = await wholeHistory(bob, conversationId);
  assertDense(history);
  assertOnce(history);
  assert.equal(history.length, sent.length);
});

test('one clientMessageId with two contents on two nodes at once: one is stored, the other is a mismatch', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, conversationId } = await pairAcross(t, first, second);
  const twin = await join(t, second, alice.user);
  for (let round = 0; round < 20; round += 1) {
    const clientMessageId = randomUUID();
    const answers = await Promise.all(
      [alice, twin].map((device, index) =>
        device.ack('sendMessage', { conversationId, content: `version ${index}`, clientMessageId }),
      ),
    );
    const stored = answers.filter(({ ok }) => ok);
    assert.equal(stored.length, 1, JSON.stringify(answers));
    assert.equal(answers.find(({ ok }) => !ok).error.code, 'IDEMPOTENCY_MISMATCH');
  }
  assertDense(await wholeHistory(alice, conversationId));
});

test('a retry on another node is answered with the first message, also much later', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, conversationId } = await pairAcross(t, first, second);
  const clientMessageId = randomUUID();
  const sent = await alice.send(conversationId, 'once', clientMessageId);
  await alice.sendMany(conversationId, 20);
  await alice.moveTo(second);
  assert.deepEqual(await alice.send(conversationId, 'once', clientMessageId), sent);
});
