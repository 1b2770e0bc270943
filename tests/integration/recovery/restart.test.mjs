import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, ownServer } from '../lib/fixture.mjs';
import { assertDense, wholeHistory } from '../lib/history.mjs';

for (const how of ['stop', 'kill9']) {
  for (const [name, via] of Object.entries(transports)) {
    describe(`recovery after ${how} and a start, over ${name}`, () => {
      test('clients come back by themselves, recovered, with what they missed, once', async (t) => {
        const server = await ownServer(t);
        const alice = await join(t, server, 'alice', { via });
        const bob = await join(t, server, 'bob', { via });
        const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
        const before = await alice.send(conversationId, 'before');
        await bob.event('newMessage');
        await bob.goAway();
        const missed = await alice.send(conversationId, 'missed');
        alice.forget();

        await server.restart({ how });
        await alice.synced(15_000);
        const after = await alice.send(conversationId, 'after');
        await bob.comeBack();

        assert.equal(alice.socket.recovered, true);
        assert.equal(bob.socket.recovered, true);
        assert.deepEqual(bob.messages, [missed, after]);
        assert.ok(alice.disconnects.every((reason) => reason !== 'io server disconnect'));
        const history = await wholeHistory(bob, conversationId);
        assert.deepEqual(history.map(({ id }) => id), [before, missed, after].map(({ id }) => id));
        assertDense(history);
      });
    });
  }
}
