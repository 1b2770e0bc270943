import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

async function threeMessages(t, options) {
  const people = await pair(t, shared.server, options);
  const messages = [];
  for (const content of ['one', 'two', 'three']) {
    messages.push(await people.alice.send(people.conversationId, content));
  }
  await people.bob.event('newMessage', ({ seq }) => seq === 3);
  people.alice.forget();
  people.bob.forget();
  return { ...people, messages };
}

async function inboxEntry(client) {
  return (await client.request('getConversations', {})).conversations[0];
}

for (const [name, via] of Object.entries(transports)) {
  describe(`receipts over ${name}`, () => {
    test('delivered, then read: all up to the message, the author is told', async (t) => {
      const { alice, bob, conversationId, messages } = await threeMessages(t, { via });

      const delivered = await bob.request('messageDelivered', { conversationId, messageId: messages[1].id });
      assert.deepEqual(delivered, { deliveredSeq: 2, readSeq: 0 });
      assert.deepEqual(await alice.event('messageStatus'), {
        conversationId,
        userId: bob.user,
        deliveredSeq: 2,
        readSeq: 0,
        status: 'DELIVERED',
      });

      alice.forget();
      const read = await bob.request('messageRead', { conversationId, messageId: messages[2].id });
      assert.deepEqual(read, { deliveredSeq: 3, readSeq: 3 });
      const status = await alice.event('messageStatus', ({ readSeq }) => readSeq === 3);
      assert.deepEqual(status, { conversationId, userId: bob.user, deliveredSeq: 3, readSeq: 3, status: 'READ' });
    });
  });
}

test('read up to the second of three: the status of each message follows the watermarks', async (t) => {
  const { alice, bob, conversationId, messages } = await threeMessages(t);
  await bob.request('messageRead', { conversationId, messageId: messages[0].id });
  await bob.request('messageDelivered', { conversationId, messageId: messages[1].id });
  const page = await alice.request('getMessages', { conversationId });
  assert.deepEqual(page.messages.map(({ status }) => status), ['READ', 'DELIVERED', 'SENT']);
  assert.deepEqual((await inboxEntry(alice)).participants.find(({ userId }) => userId === bob.user), {
    userId: bob.user,
    deliveredSeq: 2,
    readSeq: 1,
  });
});

test('a receipt that moves nothing is answered with what is stored and told to nobody', async (t) => {
  const { alice, bob, conversationId, messages } = await threeMessages(t);
  await bob.request('messageRead', { conversationId, messageId: messages[2].id });
  await alice.event('messageStatus', ({ readSeq }) => readSeq === 3);
  alice.forget();
  const again = await bob.request('messageRead', { conversationId, messageId: messages[0].id });
  const delivered = await bob.request('messageDelivered', { conversationId, messageId: messages[1].id });
  assert.deepEqual(again, { deliveredSeq: 3, readSeq: 3 });
  assert.deepEqual(delivered, { deliveredSeq: 3, readSeq: 3 });
  await alice.request('getConversations', {});
  await bob.send(conversationId, 'a marker behind the receipts');
  await alice.event('newMessage');
  assert.deepEqual(alice.received('messageStatus'), []);
});

test('the reader\'s other device is told, the reading one is not', async (t) => {
  const { alice, bob, conversationId, messages } = await threeMessages(t);
  const bobTablet = await join(t, shared.server, bob.user);
  await bob.request('messageRead', { conversationId, messageId: messages[2].id });
  const status = await bobTablet.event('messageStatus');
  assert.equal(status.userId, bob.user);
  await alice.event('messageStatus');
  assert.deepEqual(bob.received('messageStatus'), []);
});

test('a burst of receipts ends with the latest state at the author, never going back', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const messages = await Promise.all(Array.from({ length: 60 }, (_, index) => alice.send(conversationId, `${index}`)));
  alice.forget();
  const acks = await Promise.all(
    messages.map(({ id }) => bob.request('messageRead', { conversationId, messageId: id })),
  );
  assert.equal(acks.at(-1).readSeq, 60);
  await alice.event('messageStatus', ({ readSeq }) => readSeq === 60);
  const marks = alice.received('messageStatus').map(({ data }) => data.readSeq);
  assert.deepEqual(marks, [...marks].sort((a, b) => a - b));
  // The first at once, then one write per 250 ms: far fewer than receipts.
  assert.ok(marks.length < 60, `${marks.length} events for 60 receipts`);
});

test('sending moves no watermark, and the author cannot make the own message read', async (t) => {
  const { alice, conversationId, messages } = await threeMessages(t);
  const own = (await inboxEntry(alice)).participants.find(({ userId }) => userId === alice.user);
  assert.deepEqual(own, { userId: alice.user, deliveredSeq: 0, readSeq: 0 });
  await alice.request('messageRead', { conversationId, messageId: messages[2].id });
  const page = await alice.request('getMessages', { conversationId });
  assert.deepEqual(page.messages.map(({ status }) => status), ['SENT', 'SENT', 'SENT']);
});

test('unreadCount counts messages of others above the own read mark', async (t) => {
  const { alice, bob, conversationId, messages } = await threeMessages(t);
  assert.equal((await inboxEntry(bob)).unreadCount, 3);
  assert.equal((await inboxEntry(alice)).unreadCount, 0);
  await bob.send(conversationId, 'an answer');
  assert.equal((await inboxEntry(bob)).unreadCount, 3);
  assert.equal((await inboxEntry(alice)).unreadCount, 1);
  await bob.request('messageDelivered', { conversationId, messageId: messages[2].id });
  assert.equal((await inboxEntry(bob)).unreadCount, 3);
  await bob.request('messageRead', { conversationId, messageId: messages[0].id });
  assert.equal((await inboxEntry(bob)).unreadCount, 2);
  await bob.request('messageRead', { conversationId, messageId: messages[2].id });
  assert.equal((await inboxEntry(bob)).unreadCount, 0);
});
