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
        client.forget();
      }

      await server.start();
      await Promise.all([alice.synced(15_000), bob.synced(15_000)]);
      const history = await wholeHistory(bob, conversationId);
      assertDense(history);
      const stored = new Set(history.map(({ id }) => id));
      assert.ok(acked.every(({ id }) => stored.has(id)));
    });
  });
}

test('while it drains the process is not ready, and a handshake is answered 503', async (t) => {
  const server = await ownServer(t);
  // Idle clients keep the drain going for a moment.
  const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => join(t, server, `user-${index}`, { reconnection: false })));
  server.process.kill('SIGTERM');
  const statuses = [];
  await until(
    'the end of the process',
    async () => {
      const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`).catch(() => undefined);
      const ready = await fetch(`${server.adminUrl}/readyz`).catch(() => undefined);
      statuses.push([answer?.status, ready?.status]);
      return !server.isRunning;
    },
    26_000,
  );
  assert.equal((await server.exited).code, 0);
  // The signal may take effect after the first look.
  const later = statuses.slice(2);
  assert.ok(later.every(([handshake]) => handshake === undefined || handshake === 503), JSON.stringify(statuses));
  assert.ok(later.every(([, ready]) => ready === undefined || ready === 503), JSON.stringify(statuses));
  assert.ok(clients.every(({ disconnects }) => disconnects[0] === 'transport close'));
});
