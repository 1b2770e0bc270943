import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from './store';
import type { Conversation, Message } from './wire';

const conversation = (over: Partial<Conversation> = {}): Conversation => ({
  id: 'c',
  participants: ['alice', 'bob'].map((userId) => ({ userId, deliveredSeq: 0, readSeq: 0 })),
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeq: 0,
  lastMessage: null,
  unreadCount: 0,
  canSend: true,
  ...over,
});

const message = (seq: number, authorId = 'bob'): Message => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  authorId,
  content: `content ${seq}`,
  status: 'SENT',
  createdAt: `2026-01-01T00:00:0${seq}.000Z`,
  clientMessageId: null,
});

function storeWith(...messages: Message[]): Store {
  const store = new Store('alice');
  store.putConversation(conversation());
  messages.forEach((one) => store.putMessage(one));
  return store;
}

test('a message that comes twice counts once', () => {
  const store = storeWith(message(1));
  assert.equal(store.apply({ event: 'newMessage', data: message(1) }), false);
  assert.equal(store.thread('c').messages.length, 1);
  assert.equal(store.inbox()[0]?.unreadCount, 1);
});

test('messages that come out of order stand in the order of seq', () => {
  const store = storeWith(message(2), message(3), message(1));
  assert.deepEqual(
    store.thread('c').messages.map(({ seq }) => seq),
    [1, 2, 3],
  );
  assert.equal(store.inbox()[0]?.lastMessage?.seq, 3);
});

test('watermarks never go back', () => {
  const store = storeWith(message(1), message(2));
  store.advance({ conversationId: 'c', userId: 'bob', deliveredSeq: 2, readSeq: 2 });
  store.advance({ conversationId: 'c', userId: 'bob', deliveredSeq: 2, readSeq: 1 });
  assert.equal(store.peerOf(store.inbox()[0]!)?.readSeq, 2);
  store.putConversation(conversation());
  assert.equal(store.peerOf(store.inbox()[0]!)?.readSeq, 2);
});

test('an inbox page that is older than the live feed does not undo it', () => {
  const store = storeWith(message(1), message(2));
  store.putConversation(conversation({ lastSeq: 1, lastMessage: message(1), unreadCount: 1, canSend: false }));
  const [entry] = store.inbox();
  assert.equal(entry?.lastSeq, 2);
  assert.equal(entry?.unreadCount, 2);
  assert.equal(entry?.canSend, false);
});

test('reading lowers the unread count by what was read, and own messages do not count', () => {
  const store = storeWith(message(1), message(2, 'alice'), message(3), message(4));
  store.advance({ conversationId: 'c', userId: 'alice', deliveredSeq: 4, readSeq: 1 });
  assert.equal(store.inbox()[0]?.unreadCount, 2);
  store.advance({ conversationId: 'c', userId: 'alice', deliveredSeq: 4, readSeq: 4 });
  assert.equal(store.inbox()[0]?.unreadCount, 0);
});

test('the changes of one turn are told once', async () => {
  const store = storeWith();
  await Promise.resolve();
  let told = 0;
  store.subscribe(() => (told += 1));
  store.putMessage(message(1));
  store.putMessage(message(2));
  await Promise.resolve();
  assert.equal(told, 1);
});
