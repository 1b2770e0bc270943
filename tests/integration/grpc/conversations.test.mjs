import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';
import { GrpcClient } from '../lib/grpc.mjs';

const shared = sharedServer();

function caller(t, user) {
  const client = new GrpcClient(shared.server, user);
  t.after(() => client.close());
  return client;
}

/** A timestamp as the Socket.IO side writes it. */
const iso = ({ seconds, nanos }) => new Date(seconds * 1000 + nanos / 1e6).toISOString();

test('OpenConversation gives the conversation that the socket gives, and GetConversation and ListConversations show it', async (t) => {
  const { alice, bob, conversation } = await pair(t, shared.server);
  const grpc = caller(t, alice.user);
  const opened = await grpc.call('OpenConversation', { userId: bob.user });
  assert.equal(opened.id, conversation.id);
  assert.equal(iso(opened.createdAt), conversation.createdAt);
  assert.equal(opened.canSend, true);
  assert.equal(opened.lastMessage, null);
  assert.deepEqual(
    opened.participants.map(({ userId }) => userId).sort(),
    [alice.user, bob.user].sort(),
  );
  assert.deepEqual(await grpc.call('GetConversation', { conversationId: conversation.id }), opened);
  const list = await grpc.call('ListConversations', {});
  assert.deepEqual(list.conversations, [opened]);
  assert.equal(list.nextCursor, '');
  assert.notEqual(list.offset, '');
});

test('SendMessage stores, and every device of both gets it', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const grpc = caller(t, alice.user);
  const clientMessageId = randomUUID();
  const sent = await grpc.call('SendMessage', { conversationId, content: 'by a service', clientMessageId });
  const seen = await bob.event('newMessage');
  assert.deepEqual(
    { ...seen, status: undefined },
    {
      id: sent.id,
      conversationId: sent.conversationId,
      seq: sent.seq,
      authorId: sent.authorId,
      content: sent.content,
      status: undefined,
      createdAt: iso(sent.createdAt),
      clientMessageId: sent.clientMessageId,
    },
  );
  assert.equal(sent.status, 'MESSAGE_STATUS_SENT');
  assert.equal((await alice.event('newMessage')).id, sent.id);
  const again = await grpc.call('SendMessage', { conversationId, content: 'by a service', clientMessageId });
  assert.deepEqual(again, sent);
});

test('GetMessageHistory pages as getMessages does', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  for (let index = 1; index <= 7; index += 1) {
    await alice.send(conversationId, `${index}`);
  }
  const grpc = caller(t, alice.user);
  const newest = await grpc.call('GetMessageHistory', { conversationId, limit: 3 });
  assert.deepEqual(newest.messages.map(({ seq }) => seq), [5, 6, 7]);
  assert.equal(newest.newerCursor, '');
  const older = await grpc.call('GetMessageHistory', { conversationId, limit: 3, cursor: newest.olderCursor });
  assert.deepEqual(older.messages.map(({ seq }) => seq), [2, 3, 4]);
  const around = await grpc.call('GetMessageHistory', { conversationId, limit: 3, aroundMessageId: older.messages[0].id });
  assert.deepEqual(around.messages.map(({ seq }) => seq), [1, 2, 3]);
  const whole = await grpc.call('GetMessageHistory', { conversationId });
  assert.equal(whole.messages.length, 7);
  assert.equal(whole.olderCursor, '');
});

test('MarkRead moves the watermarks and tells the author', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { id: messageId } = await alice.send(conversationId, 'read me');
  const marks = await caller(t, bob.user).call('MarkRead', { conversationId, messageId });
  assert.deepEqual(marks, { deliveredSeq: 1, readSeq: 1 });
  assert.equal((await alice.event('messageStatus')).status, 'READ');
});

test('Sync streams what was missed since an offset, in order, and ends', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { offset: since } = bob.received('synced')[0].data;
  const { id: messageId } = await alice.send(conversationId, 'one');
  await bob.send(conversationId, 'two');
  await alice.request('messageRead', { conversationId, messageId });
  await bob.event('messageStatus');
  const events = await caller(t, bob.user).all('Sync', { since });
  assert.deepEqual(
    events.map(({ event }) => event),
    ['conversationUpdated', 'newMessage', 'newMessage', 'messageStatus'],
  );
  assert.deepEqual(events.filter(({ newMessage }) => newMessage).map(({ newMessage }) => newMessage.content), ['one', 'two']);
  assert.deepEqual(await caller(t, bob.user).all('Sync', { since: events.at(-1).offset }), []);
});

test('a page of the inbox continues with its cursor', async (t) => {
  const [user] = newUsers('alice');
  const alice = await join(t, shared.server, user);
  for (let index = 0; index < 5; index += 1) {
    await alice.request('openConversation', { userId: `peer-${index}-of-${user}` });
  }
  const grpc = caller(t, user);
  const ids = [];
  let cursor = '';
  do {
    const page = await grpc.call('ListConversations', { limit: 2, cursor });
    ids.push(...page.conversations.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== '');
  const inbox = await alice.request('getConversations', {});
  assert.deepEqual(ids, inbox.conversations.map(({ id }) => id));
});
