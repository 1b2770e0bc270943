import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, newUsers, ownServer, pair, sharedServer } from '../lib/fixture.mjs';
import { GrpcClient, health, status } from '../lib/grpc.mjs';
import { tokenFor } from '../lib/token.mjs';

const shared = sharedServer();

async function failure(t, user, method, request, options) {
  const client = new GrpcClient(shared.server, user, options);
  t.after(() => client.close());
  try {
    await client.call(method, request, options);
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `${method} was accepted` });
}

function assertFailure(error, code, reason) {
  assert.deepEqual({ code: error.code, reason: error.reason, domain: error.domain }, { code, reason, domain: 'messaging' });
}

for (const [what, token, reason] of [
  ['no token', undefined, 'UNAUTHENTICATED'],
  ['a bad token', 'a.b.c', 'UNAUTHENTICATED'],
  ['an expired token', tokenFor('alice', { ttl: -60 }), 'TOKEN_EXPIRED'],
]) {
  test(`${what} is status 16, ${reason}`, async (t) => {
    assertFailure(await failure(t, undefined, 'ListConversations', {}, { token }), status.UNAUTHENTICATED, reason);
  });
}

test('invalid requests are status 3, VALIDATION_FAILED or INVALID_CONTENT', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const cases = [
    ['GetConversation', { conversationId: 'no-uuid' }, 'VALIDATION_FAILED'],
    ['GetMessageHistory', { conversationId, limit: 101 }, 'VALIDATION_FAILED'],
    ['GetMessageHistory', { conversationId, limit: -1 }, 'VALIDATION_FAILED'],
    ['GetMessageHistory', { conversationId, cursor: 'invented' }, 'CURSOR_INVALID'],
    ['ListConversations', { limit: 101 }, 'VALIDATION_FAILED'],
    ['ListConversations', { cursor: 'invented' }, 'CURSOR_INVALID'],
    ['OpenConversation', { userId: alice.user }, 'VALIDATION_FAILED'],
    ['OpenConversation', { userId: '' }, 'VALIDATION_FAILED'],
    ['SendMessage', { conversationId, content: '' }, 'VALIDATION_FAILED'],
    ['SendMessage', { conversationId, content: 'x'.repeat(5001) }, 'VALIDATION_FAILED'],
    ['SendMessage', { conversationId, content: 'a\u0000b' }, 'INVALID_CONTENT'],
    ['SendMessage', { conversationId, content: 'x', clientMessageId: 'no-uuid' }, 'VALIDATION_FAILED'],
    ['MarkRead', { conversationId, messageId: randomUUID() }, 'VALIDATION_FAILED'],
  ];
  for (const [method, request, reason] of cases) {
    const error = await failure(t, alice.user, method, request);
    assert.deepEqual(
      [error.code, error.reason],
      [status.INVALID_ARGUMENT, reason],
      `${method} ${JSON.stringify(request).slice(0, 100)}`,
    );
  }
});

test('someone else\'s and an unknown conversation are status 5, and cannot be told apart', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const { id: messageId } = await alice.send(conversationId, 'private');
  const [mallory] = newUsers('mallory');
  for (const [method, request] of [
    ['GetConversation', {}],
    ['GetMessageHistory', {}],
    ['SendMessage', { content: 'x' }],
    ['MarkRead', { messageId }],
  ]) {
    const others = await failure(t, mallory, method, { ...request, conversationId });
    const unknown = await failure(t, mallory, method, { ...request, conversationId: randomUUID() });
    assertFailure(others, status.NOT_FOUND, 'CONVERSATION_NOT_FOUND');
    assert.equal(others.details, unknown.details);
    assertFailure(unknown, status.NOT_FOUND, 'CONVERSATION_NOT_FOUND');
  }
});

test('another content under the same clientMessageId is status 6, IDEMPOTENCY_MISMATCH', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const { clientMessageId } = await alice.send(conversationId, 'one');
  const error = await failure(t, alice.user, 'SendMessage', { conversationId, content: 'two', clientMessageId });
  assertFailure(error, status.ALREADY_EXISTS, 'IDEMPOTENCY_MISMATCH');
});

test('an unreadable offset is status 11, RESYNC_REQUIRED', async (t) => {
  const [user] = newUsers('alice');
  const client = new GrpcClient(shared.server, user);
  t.after(() => client.close());
  await assert.rejects(client.all('Sync', { since: 'invented' }), (error) => {
    assertFailure(error, status.OUT_OF_RANGE, 'RESYNC_REQUIRED');
    return true;
  });
});

test('people who are not connected: status 7, NOT_CONNECTED', async (t) => {
  const server = await ownServer(t, { pairs: [['alice', 'bob']] });
  const client = new GrpcClient(server, 'alice');
  t.after(() => client.close());
  await assert.rejects(client.call('OpenConversation', { userId: 'carol' }), (error) => {
    assertFailure(error, status.PERMISSION_DENIED, 'NOT_CONNECTED');
    return true;
  });
});

test('a deadline that has passed ends the call with status 4', async (t) => {
  const error = await failure(t, 'alice', 'ListConversations', {}, { deadlineMs: -1 });
  assert.equal(error.code, status.DEADLINE_EXCEEDED);
});

test('an error\'s text does not hold what was sent', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const marker = 'echo-me-not';
  const error = await failure(t, alice.user, 'SendMessage', { conversationId, content: `${marker}\u0000` });
  assertFailure(error, status.INVALID_ARGUMENT, 'INVALID_CONTENT');
  assert.ok(!JSON.stringify({ ...error, metadata: error.metadata.toJSON() }).includes(marker));
});

test('health answers SERVING for the whole server and for the service', async () => {
  assert.equal(await health(shared.server, ''), 'SERVING');
  assert.equal(await health(shared.server, 'messaging.v1.ConversationsService'), 'SERVING');
});

test('a socket sees what a service sent while it was away', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await bob.goAway();
  const client = new GrpcClient(shared.server, alice.user);
  t.after(() => client.close());
  const { id } = await client.call('SendMessage', { conversationId, content: 'meanwhile' });
  await bob.comeBack();
  assert.deepEqual(bob.messages.map((message) => message.id), [id]);
  const fresh = await join(t, shared.server, bob.user);
  const { messages } = await fresh.request('getMessages', { conversationId });
  assert.equal(messages[0].id, id);
});
