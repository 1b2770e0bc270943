import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, ownServer } from '../lib/fixture.mjs';
import { assertDense, assertOnce, wholeHistory } from '../lib/history.mjs';
import { Sender } from '../lib/sender.mjs';
import { sleep } from '../lib/wait.mjs';

const rounds = Number(process.env.KILL9_ROUNDS ?? 50);

test(`${rounds} times kill -9 in a burst of sends: every acked message is there once and in order`, async (t) => {
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice', { reconnectionDelay: 10, reconnectionDelayMax: 30 });
  const bob = await join(t, server, 'bob', { reconnectionDelay: 10, reconnectionDelayMax: 30 });
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const sender = new Sender(alice, conversationId).begin({ lanes: 8 });

  for (let round = 0; round < rounds; round += 1) {
    const ackedBefore = sender.acked.size;
    while (sender.acked.size < ackedBefore + 5) {
      await sleep(2);
    }
    // At another place of the batch each time.
    await sleep(Math.random() * 40);
    await server.restart({ how: 'kill9' });
  }
  await sender.stop();

  const history = await wholeHistory(alice, conversationId);
  assertDense(history);
  assertOnce(history);
  sender.assertStored(history);

  await bob.connected();
  const last = await alice.send(conversationId, 'the last');
  await bob.event('newMessage', ({ id }) => id === last.id, 10_000);
  const received = bob.messages.map(({ seq }) => seq);
  const unique = received.filter((seq, index) => received.indexOf(seq) === index);
  assert.deepEqual(unique, Array.from({ length: history.length + 1 }, (_, index) => index + 1), 'bob missed nothing');
  assert.deepEqual(received, unique, 'once per device');

  assert.equal(await server.stop(), 0);
  const doctor = await server.run('doctor');
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
});
