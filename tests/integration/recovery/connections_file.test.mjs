import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, ownServer } from '../lib/fixture.mjs';
import { until } from '../lib/wait.mjs';

// A positive decision lives 30 s where the service is asked; the file says itself when it changed.
const noticeMs = 40_000;

/** A person who tries to write until the server changes its mind: only then is a stored decision looked at again. */
async function sendUntil(client, conversationId, isIt) {
  return until(
    'another answer to sending',
    async () => {
      const answer = await client.ack('sendMessage', { conversationId, content: 'try' });
      return isIt(answer) && answer;
    },
    noticeMs,
  );
}

test('a removed connection: sending is refused, both are told, the history stays; and back again', async (t) => {
  const server = await ownServer(t, { pairs: [['alice', 'bob']] });
  const alice = await join(t, server, 'alice');
  const bob = await join(t, server, 'bob');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const kept = await alice.send(conversationId, 'kept');
  await bob.event('newMessage');
  alice.forget();
  bob.forget();

  await server.connectOnly([]);
  const { error } = await sendUntil(alice, conversationId, ({ ok }) => !ok);
  assert.equal(error.code, 'NOT_CONNECTED');
  for (const client of [alice, bob]) {
    const told = await client.event('conversationUpdated', ({ canSend }) => canSend === false);
    assert.equal(told.id, conversationId);
    const { conversations } = await client.request('getConversations', {});
    assert.equal(conversations[0].canSend, false);
    const { messages } = await client.request('getMessages', { conversationId });
    assert.equal(messages[0].id, kept.id);
  }
  assert.equal((await bob.refusal('sendMessage', { conversationId, content: 'me neither' })).code, 'NOT_CONNECTED');
  assert.equal((await bob.refusal('typing', { conversationId })).code, 'NOT_CONNECTED');
  assert.equal((await bob.refusal('openConversation', { userId: 'alice' })).code, 'NOT_CONNECTED');
  assert.equal((await bob.request('messageRead', { conversationId, messageId: kept.id })).readSeq >= 1, true);

  alice.forget();
  bob.forget();
  await server.connectOnly([['bob', 'alice']]);
  await sendUntil(alice, conversationId, ({ ok }) => ok);
  for (const client of [alice, bob]) {
    await client.event('conversationUpdated', ({ canSend }) => canSend === true);
  }
});

test('a retry of a stored message is answered with it although the connection is gone', async (t) => {
  const server = await ownServer(t, { pairs: [['alice', 'bob']] });
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const stored = await alice.send(conversationId, 'stored');
  await server.connectOnly([]);
  await sendUntil(alice, conversationId, ({ ok }) => !ok);
  const again = await alice.send(conversationId, 'stored', stored.clientMessageId);
  assert.deepEqual(again, stored);
});

test('a broken connections file changes nothing until it can be read again', async (t) => {
  const server = await ownServer(t, { pairs: [['alice', 'bob']] });
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  await server.connectOnly({ not: 'a list' });
  await alice.send(conversationId, 'still connected');
  assert.equal(server.isRunning, true);
});
