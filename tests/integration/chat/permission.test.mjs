import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, newUsers, ownServer, pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

test('opening a conversation with someone who is not connected is NOT_CONNECTED', async (t) => {
  const server = await ownServer(t, { pairs: [['alice', 'bob']] });
  const alice = await join(t, server, 'alice');
  const error = await alice.refusal('openConversation', { userId: 'carol' });
  assert.equal(error.code, 'NOT_CONNECTED');
  assert.equal(error.retryable, false);
  await alice.request('openConversation', { userId: 'bob' });
});

const requests = [
  ['sendMessage', (conversationId) => ({ conversationId, content: 'x' })],
  ['typing', (conversationId) => ({ conversationId })],
  ['messageDelivered', (conversationId, messageId) => ({ conversationId, messageId })],
  ['messageRead', (conversationId, messageId) => ({ conversationId, messageId })],
  ['getMessages', (conversationId) => ({ conversationId })],
  ['getMessages', (conversationId, messageId) => ({ conversationId, around: messageId })],
];

for (const [event, payload] of requests) {
  test(`${event} ${Object.keys(payload())}: someone else's conversation cannot be told from an unknown one`, async (t) => {
    const { alice, conversationId } = await pair(t, shared.server);
    const { id: messageId } = await alice.send(conversationId, 'private');
    const [malloryName] = newUsers('mallory');
    const mallory = await join(t, shared.server, malloryName);
    const others = await mallory.refusal(event, payload(conversationId, messageId));
    const unknown = await mallory.refusal(event, payload(randomUUID(), messageId));
    assert.equal(others.code, 'CONVERSATION_NOT_FOUND');
    assert.deepEqual(others, unknown);
  });
}

test('someone else\'s conversation is not in the inbox', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  await alice.send(conversationId, 'private');
  const [malloryName] = newUsers('mallory');
  const mallory = await join(t, shared.server, malloryName);
  assert.deepEqual((await mallory.request('getConversations', {})).conversations, []);
});
