import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, pair, sharedServer } from '../lib/fixture.mjs';
import { sleep, until } from '../lib/wait.mjs';

const shared = sharedServer();

/** Until a decision is cached typing is dropped, so it is repeated as a client does. */
async function typeUntilSeen({ alice, bob, conversationId }) {
  await until('typing at the peer', async () => {
    await alice.request('typing', { conversationId, isTyping: true });
    return bob.received('typing').length > 0;
  });
}

for (const [name, via] of Object.entries(transports)) {
  describe(`typing over ${name}`, () => {
    test('the peer is told that it begins and that it ends', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      await typeUntilSeen({ alice, bob, conversationId });
      assert.deepEqual(bob.received('typing')[0].data, { conversationId, userId: alice.user, isTyping: true });
      assert.equal(bob.received('typing')[0].offset, undefined, 'volatile: no offset');
      // Volatile: what comes while a polling client is between two requests is dropped.
      await sleep(100);
      await alice.request('typing', { conversationId, isTyping: false });
      assert.deepEqual(await bob.event('typing', ({ isTyping }) => !isTyping), {
        conversationId,
        userId: alice.user,
        isTyping: false,
      });
    });
  });
}

test('isTyping may be left out and means true', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await typeUntilSeen({ alice, bob, conversationId });
  bob.forget();
  assert.deepEqual(await alice.request('typing', { conversationId }), {});
  await bob.event('typing', ({ isTyping }) => isTyping);
});

test('neither the typing device nor the typist\'s other one hears of it', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const tablet = await join(t, shared.server, alice.user);
  await typeUntilSeen({ alice, bob, conversationId });
  await Promise.all([alice, tablet].map((client) => client.request('getConversations', {})));
  assert.deepEqual([...alice.received('typing'), ...tablet.received('typing')], []);
});

test('without a repeat it ends by itself after 6 s', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await typeUntilSeen({ alice, bob, conversationId });
  const beganAt = Date.now();
  await bob.event('typing', ({ isTyping }) => !isTyping, 8_000);
  const tookMs = Date.now() - beganAt;
  assert.ok(tookMs > 5_000 && tookMs < 7_500, `${tookMs} ms`);
});

test('it ends when the message is stored', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await typeUntilSeen({ alice, bob, conversationId });
  await alice.send(conversationId, 'done');
  await bob.event('typing', ({ isTyping }) => !isTyping, 1_000);
});

test('it ends when the typist\'s last device disconnects, and not before', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const tablet = await join(t, shared.server, alice.user);
  await typeUntilSeen({ alice, bob, conversationId });
  tablet.close();
  await bob.request('getConversations', {});
  assert.ok(bob.received('typing').every(({ data }) => data.isTyping));
  alice.close();
  await bob.event('typing', ({ isTyping }) => !isTyping, 2_000);
});

test('typing is volatile: it does not come again in recovery', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await typeUntilSeen({ alice, bob, conversationId });
  await alice.send(conversationId, 'a');
  await bob.event('newMessage');
  bob.socket.disconnect();
  await alice.request('typing', { conversationId });
  await alice.request('typing', { conversationId, isTyping: false });
  bob.forget();
  bob.socket.connect();
  await bob.synced();
  assert.deepEqual(bob.received('typing'), []);
});
