import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Emitter } from '@socket.io/redis-emitter';
import { until } from '../../integration/lib/wait.mjs';
import { sharedCluster } from '../lib/cluster.mjs';
import { argumentsOf, nothingCame, person } from './suites/mixed.mjs';

// No Node server at all: a job in some other program that only emits.
const shared = sharedCluster({ nodes: 1 }, async (cluster) => {
  const client = await cluster.redis.client();
  return { client, messagingd: cluster.nodes[0], emitter: new Emitter(client) };
});
after(() => shared.client?.destroy());

const everybody = (...event) => shared.emitter.emit(...event);

test('to a room, to all, except; with bytes; with a string at the end', async (t) => {
  const alice = await person(t, shared, 'alice');
  const bob = await person(t, shared, 'bob');
  shared.emitter.to(alice.room).emit('one', { n: 1 });
  assert.deepEqual(await argumentsOf(alice.client, 'one'), [{ n: 1 }]);
  await nothingCame(everybody, bob.client, 'one');
  shared.emitter.except(alice.room).emit('not alice', 1);
  assert.deepEqual(await argumentsOf(bob.client, 'not alice'), [1]);
  await nothingCame(everybody, alice.client, 'not alice');
  shared.emitter.to([alice.room, bob.room]).except(bob.room).emit('alice alone', 1);
  assert.deepEqual(await argumentsOf(alice.client, 'alice alone'), [1]);
  await nothingCame(everybody, bob.client, 'alice alone');
  shared.emitter.emit('bytes', Buffer.from([1, 0, 255]));
  for (const { client } of [alice, bob]) {
    assert.deepEqual([...Buffer.from((await argumentsOf(client, 'bytes'))[0])], [1, 0, 255]);
  }
  shared.emitter.to(bob.room).emit('text', 'a headline');
  assert.deepEqual(await argumentsOf(bob.client, 'text'), ['a headline', bob.client.socket._lastOffset]);
  shared.emitter.volatile.to(bob.room).emit('fleeting', 1);
  assert.deepEqual(await argumentsOf(bob.client, 'fleeting'), [1]);
});

test('socketsJoin, socketsLeave and disconnectSockets', async (t) => {
  const alice = await person(t, shared, 'alice', { reconnection: false });
  const bob = await person(t, shared, 'bob', { reconnection: false });
  const room = `club of ${alice.user}`;
  shared.emitter.in(alice.room).socketsJoin(room);
  await until('an event to the room', () => {
    shared.emitter.to(room).emit('club news', 1);
    return alice.client.event('club news', undefined, 200).catch(() => false);
  });
  await nothingCame(everybody, bob.client, 'club news');
  shared.emitter.in(room).socketsLeave(room);
  await until('silence in the room', async () => {
    alice.client.forget();
    shared.emitter.to(room).emit('club news', 2);
    return nothingCame(everybody, alice.client, 'club news').then(
      () => true,
      () => false,
    );
  });
  shared.emitter.in(alice.room).disconnectSockets();
  await until('the end', () => alice.client.disconnects.length > 0);
  assert.deepEqual(alice.client.disconnects, ['io server disconnect']);
  await nothingCame(everybody, bob.client, 'disconnect');
  assert.deepEqual(bob.client.disconnects, []);
});
