import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

for (const [name, via] of Object.entries(transports)) {
  describe(`opening a conversation over ${name}`, () => {
    test('both sides at once get the same conversation', async (t) => {
      const [aliceName, bobName] = newUsers('alice', 'bob');
      const alice = await join(t, shared.server, aliceName, { via });
      const bob = await join(t, shared.server, bobName, { via });
      const opened = await Promise.all([
        ...Array.from({ length: 5 }, () => alice.request('openConversation', { userId: bobName })),
        ...Array.from({ length: 5 }, () => bob.request('openConversation', { userId: aliceName })),
      ]);
      assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
    });

    test('the ack is a whole conversation, and both are told once', async (t) => {
      const [aliceName, bobName] = newUsers('alice', 'bob');
      const alice = await join(t, shared.server, aliceName, { via });
      const bob = await join(t, shared.server, bobName, { via });
      const conversation = await alice.request('openConversation', { userId: bobName });
      assert.deepEqual(Object.keys(conversation).sort(), [
        'canSend',
        'createdAt',
        'id',
        'lastMessage',
        'lastSeq',
        'participants',
        'unreadCount',
      ]);
      assert.match(conversation.id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      assert.match(conversation.createdAt, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      assert.equal(conversation.lastSeq, 0);
      assert.equal(conversation.lastMessage, null);
      assert.equal(conversation.unreadCount, 0);
      assert.equal(conversation.canSend, true);
      assert.deepEqual(
        [...conversation.participants].sort((a, b) => (a.userId < b.userId ? -1 : 1)),
        [aliceName, bobName].sort().map((userId) => ({ userId, deliveredSeq: 0, readSeq: 0 })),
      );

      const told = await bob.event('conversationUpdated');
      assert.equal(told.id, conversation.id);
      await alice.event('conversationUpdated');
      await alice.request('openConversation', { userId: bobName });
      await bob.request('getConversations', {});
      assert.equal(bob.received('conversationUpdated').length, 1);
    });
  });
}

test('an open conversation stands in the inbox of both', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  for (const client of [alice, bob]) {
    const { conversations } = await client.request('getConversations', {});
    assert.deepEqual(conversations.map(({ id }) => id), [conversationId]);
  }
});
