import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';
import { wholeHistory } from '../lib/history.mjs';

const shared = sharedServer();

test('the same clientMessageId again is answered with the same message, and the peer sees it once', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const clientMessageId = randomUUID();
  const first = await alice.send(conversationId, 'once', clientMessageId);
  const again = await alice.send(conversationId, 'once', clientMessageId);
  assert.deepEqual(again, first);
  await alice.send(conversationId, 'next');
  await bob.event('newMessage', ({ content }) => content === 'next');
  assert.deepEqual(bob.messages.map(({ content }) => content), ['once', 'next']);
});

test('twenty concurrent retries from two devices store one message', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const tablet = await join(t, shared.server, alice.user);
  const clientMessageId = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? alice : tablet).send(conversationId, 'once', clientMessageId)),
  );
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
  assert.equal((await wholeHistory(bob, conversationId)).length, 1);
});

test('the same clientMessageId in upper case is the same', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const clientMessageId = randomUUID();
  const first = await alice.send(conversationId, 'once', clientMessageId.toUpperCase());
  assert.equal(first.clientMessageId, clientMessageId);
  assert.equal((await alice.send(conversationId.toUpperCase(), 'once', clientMessageId)).id, first.id);
});

test('the same clientMessageId with other content is IDEMPOTENCY_MISMATCH', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const { clientMessageId } = await alice.send(conversationId, 'one');
  const error = await alice.refusal('sendMessage', { conversationId, content: 'other', clientMessageId });
  assert.equal(error.code, 'IDEMPOTENCY_MISMATCH');
  assert.equal(error.retryable, false);
});

test('the same clientMessageId in another conversation is IDEMPOTENCY_MISMATCH', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const [carolName] = newUsers('carol');
  const other = await alice.request('openConversation', { userId: carolName });
  const { clientMessageId } = await alice.send(conversationId, 'one');
  const error = await alice.refusal('sendMessage', { conversationId: other.id, content: 'one', clientMessageId });
  assert.equal(error.code, 'IDEMPOTENCY_MISMATCH');
});

test('the same clientMessageId of another author is a message of its own', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const clientMessageId = randomUUID();
  const first = await alice.send(conversationId, 'one', clientMessageId);
  const second = await bob.send(conversationId, 'one', clientMessageId);
  assert.notEqual(second.id, first.id);
  assert.equal(second.seq, 2);
});

test('a retry after the message was read shows the status of now', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const message = await alice.send(conversationId, 'one');
  await bob.request('messageRead', { conversationId, messageId: message.id });
  const again = await alice.send(conversationId, 'one', message.clientMessageId);
  assert.deepEqual({ ...again, status: 'SENT' }, message);
});
