import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';
import { assertDense, wholeHistory } from '../lib/history.mjs';
import { until } from '../lib/wait.mjs';

const shared = sharedServer();

for (const [name, via] of Object.entries(transports)) {
  describe(`sending over ${name}`, () => {
    test('the ack is the whole message', async (t) => {
      const { alice, conversationId } = await pair(t, shared.server, { via });
      const clientMessageId = randomUUID();
      const message = await alice.send(conversationId, 'hello', clientMessageId);
      assert.match(message.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.match(message.createdAt, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      assert.ok(Math.abs(Date.parse(message.createdAt) - Date.now()) < 60_000);
      assert.deepEqual(message, {
        id: message.id,
        conversationId,
        seq: 1,
        authorId: alice.user,
        content: 'hello',
        status: 'SENT',
        createdAt: message.createdAt,
        clientMessageId,
      });
    });

    test('the peer and the own other device get it, the sending socket does not', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      const aliceTablet = await join(t, shared.server, alice.user, { via });
      const sent = await alice.send(conversationId, 'hello');
      assert.deepEqual(await bob.event('newMessage'), sent);
      assert.deepEqual(await aliceTablet.event('newMessage'), sent);
      // Whatever was due to the sending socket has come before the next answer.
      await alice.send(conversationId, 'again');
      await bob.event('newMessage', ({ seq }) => seq === 2);
      await alice.request('getConversations', {});
      assert.deepEqual(alice.messages, []);
    });

    test('500 messages arrive in the order of sending, dense, once', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      const acks = await alice.sendMany(conversationId, 500);
      assertDense(acks);
      await until('500 messages', () => bob.messages.length >= 500, 15_000);
      assert.deepEqual(bob.messages, acks);
      assert.deepEqual(await wholeHistory(bob, conversationId), acks);
      const times = acks.map(({ createdAt }) => createdAt);
      assert.deepEqual(times, [...times].sort(), 'createdAt never runs back');
    });
  });
}

test('messages of both sides at once have one order that both see', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await Promise.all(
    Array.from({ length: 100 }, (_, index) => [alice.send(conversationId, `a${index}`), bob.send(conversationId, `b${index}`)]).flat(),
  );
  const history = await wholeHistory(alice, conversationId);
  assert.equal(history.length, 200);
  assertDense(history);
  assert.deepEqual(await wholeHistory(bob, conversationId), history);
  await until('100 messages each', () => alice.messages.length === 100 && bob.messages.length === 100);
  assert.deepEqual(alice.messages, history.filter(({ authorId }) => authorId === bob.user));
  assert.deepEqual(bob.messages, history.filter(({ authorId }) => authorId === alice.user));
});

test('more requests at once than a socket may have under way are refused with OVERLOADED, none is left unanswered', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => alice.ack('sendMessage', { conversationId, content: `${index}` })),
  );
  const refused = answers.filter(({ ok }) => !ok);
  assert.ok(refused.every(({ error }) => error.code === 'OVERLOADED' && error.retryable));
  const history = await wholeHistory(alice, conversationId);
  assert.equal(history.length, 1000 - refused.length);
  assertDense(history);
});

test('a message without clientMessageId has null there', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const message = await alice.request('sendMessage', { conversationId, content: 'hello' });
  assert.equal(message.clientMessageId, null);
  assert.equal((await bob.event('newMessage')).clientMessageId, null);
});

test('nothing of a conversation reaches a third person', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const [malloryName] = newUsers('mallory');
  const mallory = await join(t, shared.server, malloryName);
  await alice.send(conversationId, 'secret');
  const message = await bob.event('newMessage');
  await bob.request('messageRead', { conversationId, messageId: message.id });
  await mallory.request('getConversations', {});
  assert.deepEqual(
    mallory.events.map(({ event }) => event),
    ['synced'],
  );
});

test('every durable event carries an offset as its last argument, synced too', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { id } = await alice.send(conversationId, 'hello');
  await bob.event('newMessage');
  await bob.request('messageRead', { conversationId, messageId: id });
  await alice.event('messageStatus');
  const lasting = [...alice.events, ...bob.events].filter(({ event }) => event !== 'typing');
  assert.deepEqual(lasting.filter(({ offset }) => typeof offset !== 'string' || offset === ''), []);
});

test('sends that are not waited for are stored in the order in which they were sent, from the first on', async (t) => {
  // A fresh conversation each time: nothing of it is cached when its first burst comes.
  for (let round = 0; round < 25; ++round) {
    const { alice, bob, conversationId } = await pair(t, shared.server);
    const sent = await alice.sendMany(conversationId, 200);
    assert.deepEqual(sent.map(({ seq }) => seq), Array.from({ length: 200 }, (_, index) => index + 1));
    alice.close();
    bob.close();
  }
});
