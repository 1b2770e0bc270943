import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, newUsers, pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

const uuid = randomUUID();
// Event, payload, the field that is named. The placeholder stands for the open conversation's id.
const HERE = 'here';
const invalid = [
  ['openConversation', {}, 'userId'],
  ['openConversation', { userId: 7 }, 'userId'],
  ['openConversation', { userId: '' }, 'userId'],
  ['openConversation', { userId: 'a b' }, 'userId'],
  ['openConversation', { userId: 'ä' }, 'userId'],
  ['openConversation', { userId: 'x'.repeat(129) }, 'userId'],
  ['sendMessage', { content: 'x' }, 'conversationId'],
  ['sendMessage', { conversationId: null, content: 'x' }, 'conversationId'],
  ['sendMessage', { conversationId: 'no-uuid', content: 'x' }, 'conversationId'],
  ['sendMessage', { conversationId: `${uuid}0`, content: 'x' }, 'conversationId'],
  ['sendMessage', { conversationId: HERE }, 'content'],
  ['sendMessage', { conversationId: HERE, content: 7 }, 'content'],
  ['sendMessage', { conversationId: HERE, content: null }, 'content'],
  ['sendMessage', { conversationId: HERE, content: ['x'] }, 'content'],
  ['sendMessage', { conversationId: HERE, content: 'x', clientMessageId: 'no-uuid' }, 'clientMessageId'],
  ['sendMessage', { conversationId: HERE, content: 'x', clientMessageId: 7 }, 'clientMessageId'],
  ['typing', {}, 'conversationId'],
  ['typing', { conversationId: HERE, isTyping: 'yes' }, 'isTyping'],
  ['messageDelivered', { messageId: uuid }, 'conversationId'],
  ['messageDelivered', { conversationId: HERE }, 'messageId'],
  ['messageDelivered', { conversationId: HERE, messageId: uuid }, 'messageId'],
  ['messageRead', { conversationId: HERE, messageId: 'no-uuid' }, 'messageId'],
  ['messageRead', { conversationId: HERE, messageId: uuid }, 'messageId'],
  ['getMessages', {}, 'conversationId'],
  ['getMessages', { conversationId: HERE, limit: 0 }, 'limit'],
  ['getMessages', { conversationId: HERE, limit: 101 }, 'limit'],
  ['getMessages', { conversationId: HERE, limit: 1.5 }, 'limit'],
  ['getMessages', { conversationId: HERE, limit: '5' }, 'limit'],
  ['getMessages', { conversationId: HERE, limit: -1 }, 'limit'],
  ['getMessages', { conversationId: HERE, cursor: 7 }, 'cursor'],
  ['getMessages', { conversationId: HERE, around: uuid }, 'around'],
  ['getMessages', { conversationId: HERE, around: 7 }, 'around'],
  ['getMessages', { conversationId: HERE, around: uuid, cursor: 'x' }, 'cursor'],
  ['getConversations', { limit: 0 }, 'limit'],
  ['getConversations', { limit: 101 }, 'limit'],
  ['getConversations', { cursor: {} }, 'cursor'],
  ['sync', {}, 'since'],
  ['sync', { since: 7 }, 'since'],
  ['refreshToken', {}, 'token'],
  ['refreshToken', { token: 7 }, 'token'],
];

const shown = (payload) => (JSON.stringify(payload).length > 70 ? `${JSON.stringify(payload).slice(0, 60)}…` : JSON.stringify(payload));

for (const [event, payload, field] of invalid) {
  test(`${event} ${shown(payload)} is VALIDATION_FAILED, field ${field}`, async (t) => {
    const { alice, conversationId } = await pair(t, shared.server);
    const filled = payload.conversationId === HERE ? { ...payload, conversationId } : payload;
    const error = await alice.refusal(event, filled);
    assert.equal(error.code, 'VALIDATION_FAILED');
    assert.equal(error.field, field);
    assert.equal(error.retryable, false);
    assert.equal(typeof error.message, 'string');
  });
}

test('sync with a limit beyond 1000 is VALIDATION_FAILED, and 1000 is accepted', async (t) => {
  const { alice } = await pair(t, shared.server);
  const { offset: since } = alice.received('synced')[0].data;
  assert.equal((await alice.refusal('sync', { since, limit: 1001 })).field, 'limit');
  assert.equal((await alice.refusal('sync', { since, limit: 0 })).field, 'limit');
  await alice.request('sync', { since, limit: 1000 });
});

test('a conversation with oneself is VALIDATION_FAILED, field userId', async (t) => {
  const { alice } = await pair(t, shared.server);
  const error = await alice.refusal('openConversation', { userId: alice.user });
  assert.equal(error.code, 'VALIDATION_FAILED');
  assert.equal(error.field, 'userId');
});

test('a messageId of another conversation is VALIDATION_FAILED, field messageId', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const [carolName] = newUsers('carol');
  const other = await alice.request('openConversation', { userId: carolName });
  const { id: messageId } = await alice.send(other.id, 'elsewhere');
  const error = await alice.refusal('messageRead', { conversationId, messageId });
  assert.equal(error.code, 'VALIDATION_FAILED');
  assert.equal(error.field, 'messageId');
});

for (const event of ['openConversation', 'sendMessage', 'typing', 'messageDelivered', 'messageRead', 'getMessages', 'sync', 'refreshToken', 'getConversations']) {
  for (const args of [[], [null], ['text'], [7], [[]], [true]]) {
    test(`${event} with ${args.length ? JSON.stringify(args[0]) : 'no'} argument is VALIDATION_FAILED`, async (t) => {
      const [user] = newUsers('alice');
      const alice = await join(t, shared.server, user);
      assert.equal((await alice.refusal(event, ...args)).code, 'VALIDATION_FAILED');
    });
  }
}

test('unknown members and further arguments are ignored', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const payload = { conversationId, content: 'x', authorId: 'mallory', seq: 9, extra: { deep: [1] } };
  const answer = await alice.ack('sendMessage', payload, 'further', { arguments: true });
  assert.equal(answer.ok, true);
  assert.equal(answer.data.authorId, alice.user);
  assert.equal(answer.data.seq, 1);
});

test('an unknown event is UNKNOWN_EVENT', async (t) => {
  const { alice } = await pair(t, shared.server);
  const error = await alice.refusal('deleteEverything', {});
  assert.equal(error.code, 'UNKNOWN_EVENT');
  assert.equal(error.retryable, false);
});

test('a failure without an ack comes as exception, with the event and without an echo of the input', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const cases = [
    ['sendMessage', { conversationId, content: '', marker: 'echo-me-not' }, 'VALIDATION_FAILED'],
    ['noSuchEvent', { marker: 'echo-me-not' }, 'UNKNOWN_EVENT'],
    ['getMessages', { conversationId: uuid, marker: 'echo-me-not' }, 'CONVERSATION_NOT_FOUND'],
  ];
  for (const [event, payload, code] of cases) {
    alice.forget();
    alice.socket.emit(event, payload);
    const exception = await alice.event('exception');
    assert.equal(exception.status, 'error');
    assert.equal(exception.code, code);
    assert.equal(exception.event, event);
    assert.equal(exception.retryable, false);
    assert.equal(typeof exception.message, 'string');
    assert.ok(!JSON.stringify(exception).includes('echo-me-not'));
  }
});

test('a success without an ack brings no event', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  alice.forget();
  alice.socket.emit('sendMessage', { conversationId, content: 'quietly' });
  await bob.event('newMessage');
  await alice.request('getConversations', {});
  assert.deepEqual(alice.events, []);
});
