// What members ask of each other: who is connected, in which rooms; and what they make others' sockets do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenFor } from '../../../integration/lib/token.mjs';
import { until } from '../../../integration/lib/wait.mjs';
import { argumentsOf, nothingCame, person } from './mixed.mjs';

// A member that does not answer is waited for 5 s.
const promptMs = 1_500;

async function promptly(what, promise) {
  const began = performance.now();
  const value = await promise;
  const took = performance.now() - began;
  assert.ok(took < promptMs, `${what} took ${Math.round(took)} ms`);
  return value;
}

export function memberTests(shared) {
  const everybody = (...event) => shared.node.io.emit(...event);

  test('messagingd is counted once among the members', async () => {
    assert.equal(await shared.node.membersCount(), 2);
  });

  test('fetchSockets finds the sockets of every member, with id and rooms, without secrets', async (t) => {
    const alice = await person(t, shared, 'alice');
    const other = await person(t, shared, 'bob', {
      auth: { more: 'than a token', token: tokenFor('replaced') },
      extraHeaders: { cookie: 'session=secret-cookie', authorization: `Bearer ${tokenFor('somebody')}` },
    });
    const carol = await shared.node.join(t, alice.room);
    const found = await promptly('fetchSockets', shared.node.io.in(alice.room).fetchSockets());
    assert.deepEqual(found.map(({ id }) => id).sort(), [alice.id, carol.socket.id].sort());
    const [hers] = found.filter(({ id }) => id === alice.id);
    assert.deepEqual([...hers.rooms].sort(), [alice.id, alice.room].sort());
    assert.equal(typeof hers.handshake, 'object');
    assert.ok(hers.data === undefined || typeof hers.data === 'object');

    const all = await promptly('fetchSockets of all', shared.node.io.fetchSockets());
    assert.ok([alice.id, other.id, carol.socket.id].every((id) => all.some((socket) => socket.id === id)));
    const people = all.filter(({ id }) => [alice.id, other.id].includes(id));
    const told = JSON.stringify(people.map(({ handshake, data }) => ({ handshake, data })));
    const tokens = [alice, other].map(({ client }) => client.socket.auth.token);
    for (const secret of [...tokens, 'secret-cookie', 'Bearer', 'than a token']) {
      assert.ok(!told.includes(secret), `${secret} in ${told}`);
    }
    assert.deepEqual(await promptly('nobody', shared.node.io.in('no such room').fetchSockets()), []);
  });

  test('socketsJoin and socketsLeave work on the sockets of messagingd', async (t) => {
    const alice = await person(t, shared, 'alice');
    const bob = await person(t, shared, 'bob');
    const room = `club of ${alice.user}`;
    const inClub = async () => (await shared.node.io.in(room).fetchSockets()).map(({ id }) => id);
    shared.node.io.in(alice.room).socketsJoin([room, `${room} too`]);
    await until('alice in the room', async () => (await inClub()).includes(alice.id));
    await until('an event to the room', async () => {
      shared.node.io.to(room).emit('club news', 1);
      return alice.client.event('club news', undefined, 200).catch(() => false);
    });
    await nothingCame(everybody, bob.client, 'club news');
    shared.node.io.in(alice.id).socketsLeave([room]);
    await until('nobody in the room', async () => (await inClub()).length === 0);
    alice.client.forget();
    shared.node.io.to(room).emit('club news', 2);
    await nothingCame(everybody, alice.client, 'club news');
  });

  test('a remote socket can be emitted to, moved and disconnected', async (t) => {
    const alice = await person(t, shared, 'alice', { reconnection: false });
    const [remote] = await shared.node.io.in(alice.id).fetchSockets();
    remote.emit('hello', { you: remote.id });
    assert.deepEqual(await argumentsOf(alice.client, 'hello'), [{ you: alice.id }]);
    remote.join('moved');
    await until('moved', async () => (await shared.node.io.in('moved').fetchSockets()).length === 1);
    remote.disconnect();
    await until('the end', () => alice.client.disconnects.length > 0);
    assert.deepEqual(alice.client.disconnects, ['io server disconnect']);
  });

  for (const close of [false, true]) {
    test(`disconnectSockets(${close}) ends the sockets of the room and no others`, async (t) => {
      const alice = await person(t, shared, 'alice', { reconnection: false });
      const bob = await person(t, shared, 'bob', { reconnection: false });
      shared.node.io.in(alice.room).disconnectSockets(close);
      await until('the end', () => alice.client.disconnects.length > 0);
      assert.deepEqual(alice.client.disconnects, ['io server disconnect']);
      await until('nobody', async () => (await shared.node.io.in(alice.room).fetchSockets()).length === 0);
      await nothingCame(everybody, bob.client, 'disconnect');
      assert.deepEqual(bob.client.disconnects, []);
    });
  }

  test('serverSideEmit is not in the way, and with an ack it is answered at once', async () => {
    const { io } = shared.node;
    io.serverSideEmit('hello', 'members');
    await promptly('the answers', io.serverSideEmitWithAck('hello', { n: 1 }));
  });

  test('when messagingd is killed, its peers do not wait for it', async (t) => {
    const carol = await shared.node.join(t, 'room of carol');
    await shared.messagingd.kill9();
    await until('one member', async () => (await shared.node.membersCount()) === 1);
    const found = await promptly('fetchSockets', shared.node.io.fetchSockets());
    assert.deepEqual(found.map(({ id }) => id), [carol.socket.id]);
    await shared.messagingd.start();
    await until('two members', async () => (await shared.node.membersCount()) === 2);
  });
}
