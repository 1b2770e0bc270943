// What a Node server emits reaches messagingd's clients, and the other way round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../integration/lib/wait.mjs';
import { argumentsOf, nothingCame, person } from './mixed.mjs';

/** The offset that the client holds, which it would show when it comes back. */
const offsetOf = (client) => client.socket._lastOffset;

export function broadcastTests(shared) {
  const everybody = (...event) => shared.node.io.emit(...event);

  test('an event to user:<id> reaches that user alone, with its arguments as they were', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const args = [1, -1.5, 'text', null, true, [1, [2]], { nested: { list: ['ü', '\u{1f600}'] } }];
    shared.node.io.to(alice.room).emit('news', ...args);
    assert.deepEqual(await argumentsOf(alice.client, 'news'), args);
    await nothingCame(everybody, bob.client, 'news');
  });

  test('an event without arguments has the offset alone: the official client would take its name for one', async (t) => {
    const alice = await person(t, shared, 'alice');
    const offset = offsetOf(alice.client);
    shared.node.io.to(alice.room).emit('knock');
    assert.deepEqual(await argumentsOf(alice.client, 'knock'), [offset]);
    await alice.client.goAway();
    await alice.client.comeBack();
    assert.equal(alice.client.socket.recovered, true);
  });

  test('an event whose last argument is a string brings the offset of the client behind it: recovery goes on', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const offset = offsetOf(alice.client);
    assert.equal(typeof offset, 'string');
    shared.node.io.to(alice.room).emit('news', { a: 1 }, 'a headline');
    assert.deepEqual(await argumentsOf(alice.client, 'news'), [{ a: 1 }, 'a headline', offset]);
    shared.node.io.emit('to all', 'a headline');
    assert.deepEqual(await argumentsOf(alice.client, 'to all'), ['a headline', offset]);

    await alice.client.goAway();
    const { id } = await bob.client.request('openConversation', { userId: alice.user });
    const sent = await bob.client.send(id, 'hello');
    await alice.client.comeBack();
    assert.equal(alice.client.socket.recovered, true);
    assert.deepEqual(alice.client.messages, [sent]);
    shared.node.io.to(alice.room).emit('more news', 'a headline');
    assert.deepEqual(await argumentsOf(alice.client, 'more news'), ['a headline', offsetOf(alice.client)]);
  });

  test('binary arguments arrive as bytes, also deep inside', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));
    shared.node.io.to(alice.room).emit('bytes', bytes, { deep: [{ empty: Buffer.alloc(0), bytes }] });
    const [outer, { deep }] = await argumentsOf(alice.client, 'bytes');
    assert.deepEqual(Buffer.from(outer), bytes);
    assert.deepEqual(Buffer.from(deep[0].bytes), bytes);
    assert.equal(deep[0].empty.length, 0);
    shared.node.io.to(alice.room).emit('bytes and text', bytes, 'text');
    const [first, text, offset] = await argumentsOf(alice.client, 'bytes and text');
    assert.deepEqual(Buffer.from(first), bytes);
    assert.deepEqual([text, offset], ['text', offsetOf(alice.client)]);
  });

  test('io.emit reaches everybody on every member, over polling too', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob', { via: ['polling'] });
    const carol = await shared.node.join(t, 'some room');
    shared.node.io.emit('everybody', { n: 1 });
    for (const client of [alice.client, bob.client, carol]) {
      assert.deepEqual(await argumentsOf(client, 'everybody'), [{ n: 1 }]);
    }
  });

  test('several rooms reach each socket once; a socket id is a room', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const carol = await person(t, shared, 'carol');
    shared.node.io.to([alice.room, bob.room, alice.id]).emit('two rooms', 1);
    assert.deepEqual(await argumentsOf(alice.client, 'two rooms'), [1]);
    assert.deepEqual(await argumentsOf(bob.client, 'two rooms'), [1]);
    await nothingCame(everybody, carol.client, 'two rooms');
    shared.node.io.to(bob.id).emit('one socket', 2);
    assert.deepEqual(await argumentsOf(bob.client, 'one socket'), [2]);
    await nothingCame(everybody, alice.client, 'one socket');
  });

  test('except leaves out rooms and sockets', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const carol = await person(t, shared, 'carol');
    shared.node.io.except(bob.room).emit('not bob', 1);
    await argumentsOf(alice.client, 'not bob');
    await nothingCame(everybody, bob.client, 'not bob');
    shared.node.io.to([alice.room, bob.room]).except(alice.id).emit('not alice', 1);
    await argumentsOf(bob.client, 'not alice');
    await nothingCame(everybody, alice.client, 'not alice');
    await nothingCame(everybody, carol.client, 'not alice');
  });

  test('volatile events arrive; local ones stay at their member', async (t) => {
    const alice = await person(t, shared, 'alice');
    shared.node.io.volatile.to(alice.room).emit('fleeting', { n: 1 });
    assert.deepEqual(await argumentsOf(alice.client, 'fleeting'), [{ n: 1 }]);
    shared.node.io.local.emit('local', 1);
    await nothingCame(everybody, alice.client, 'local');
  });

  test('a burst keeps its order', async (t) => {
    const alice = await person(t, shared, 'alice');
    for (let n = 0; n < 500; n += 1) {
      shared.node.io.to(alice.room).emit('tick', n);
    }
    await until('the last', () => alice.client.received('tick').length === 500);
    assert.deepEqual(alice.client.received('tick').map(({ data }) => data), Array.from({ length: 500 }, (_, n) => n));
  });

  test("messagingd's events reach a socket of a Node server in the user's room", async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const gateway = await shared.node.join(t, bob.room);
    await shared.node.holds(bob.room);
    const { id: conversationId } = await alice.client.request('openConversation', { userId: bob.user });
    const updated = await gateway.event('conversationUpdated');
    assert.equal(updated.id, conversationId);
    await alice.client.request('typing', { conversationId });
    await gateway.event('typing', ({ isTyping }) => isTyping);
    const sent = await alice.client.send(conversationId, 'hello');
    assert.deepEqual(await gateway.event('newMessage'), sent);
    assert.deepEqual(await bob.client.event('newMessage'), sent);
    await alice.client.request('messageRead', { conversationId, messageId: (await bob.client.send(conversationId, 'hi')).id });
    await gateway.event('messageStatus', ({ status }) => status === 'READ');
    assert.equal(gateway.received('newMessage').length, 2, "his own message is news to his user's other devices");
  });
}
