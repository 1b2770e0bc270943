import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, ownServer } from '../lib/fixture.mjs';
import { assertDense, wholeHistory } from '../lib/history.mjs';
import { until } from '../lib/wait.mjs';

for (const [name, via] of Object.entries(transports)) {
  describe(`SIGTERM with clients over ${name}`, () => {
    test('exit 0, no acked message lost, and the clients come back to the next process', async (t) => {
      const server = await ownServer(t);
      const alice = await join(t, server, 'alice', { via });
      const bob = await join(t, server, 'bob', { via });
      const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });

      const acked = [];
      let isSending = true;
      const sending = (async () => {
        while (isSending) {
          const answer = await alice.socket
            .timeout(2_000)
            .emitWithAck('sendMessage', { conversationId, content: `message ${acked.length}` })
            .catch(() => ({ ok: false }));
          if (!answer.ok) {
            break;
          }
          acked.push(answer.data);
        }
      })();
      await until('some acks', () => acked.length > 20);

      const beganAt = Date.now();
      const code = await server.stop();
      const tookMs = Date.now() - beganAt;
      isSending = false;
      await sending;
      assert.equal(code, 0);
      assert.ok(tookMs < 25_500, `${tookMs} ms`);
      for (const client of [alice, bob]) {
        await until('the end of the link', () => client.disconnects.length > 0);
        // A busy poller may notice by the answer to its next POST. What never comes is a packet after which the client stays away.
        const expected = client === alice && name !== 'websocket' ? ['transport close', 'transport error'] : ['transport close'];
        assert.ok(expected.includes(client.disconnects[0]), client.disconnects[0]);
        assert.ok(client.received('serverDraining').every(({ data }) => data.reconnectInMs >= 0));
      }

      await server.start();
      await Promise.all([alice, bob].map((client) => until('synced again', () => client.received('synced').length >= 2, 15_000)));
      const history = await wholeHistory(bob, conversationId);
      assertDense(history);
      const stored = new Set(history.map(({ id }) => id));
      assert.ok(acked.every(({ id }) => stored.has(id)));
      // The official client keeps an event that shares a polling payload with the close for the next connect, where recovery
      // brings it as well.
      assert.deepEqual(bob.messages.map(({ seq }) => seq), history.map(({ seq }) => seq), 'each once, in order, at the peer');
    });
  });
}

test('while it drains the process is not ready, handshakes are answered 503, and the clients leave one after the other', async (t) => {
  const server = await ownServer(t, { env: { DRAIN_SECONDS: '3' } });
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      join(t, server, `user-${index}`, { reconnection: false, via: [index % 2 ? 'polling' : 'websocket'] }),
    ),
  );
  const leftAt = [];
  clients.forEach(({ socket }) => socket.on('disconnect', () => leftAt.push(Date.now())));
  const beganAt = Date.now();
  server.process.kill('SIGTERM');
  await Promise.all(clients.map((client) => client.event('serverDraining', ({ reconnectInMs }) => reconnectInMs >= 0)));

  const handshake = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
  assert.equal(handshake.status, 503);
  assert.ok(Number(handshake.headers.get('retry-after')) > 0);
  assert.equal((await fetch(`${server.adminUrl}/readyz`)).status, 503);
  assert.equal((await fetch(`${server.adminUrl}/healthz`)).status, 200);

  assert.deepEqual(await server.exited, { code: 0, signal: null });
  const tookMs = Date.now() - beganAt;
  assert.ok(tookMs < 3_000 + 4_000, `${tookMs} ms`);
  await until('the end of every link', () => leftAt.length === clients.length);
  assert.deepEqual(new Set(clients.flatMap(({ disconnects }) => disconnects)), new Set(['transport close']));
  assert.ok(leftAt.at(-1) - leftAt[0] > 1_000, 'not all at once');
});
