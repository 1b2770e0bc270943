import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { call, join, newUsers, ownServer, pair, sharedServer } from '../lib/fixture.mjs';
import { tokenFor } from '../lib/token.mjs';
import { until } from '../lib/wait.mjs';

const shared = sharedServer();
const kinds = (client) => client.events.map(({ event }) => event);

for (const [name, via] of Object.entries(transports)) {
  describe(`recovery over ${name}`, () => {
    test('after a broken link every missed event comes once, in order, then synced', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      const before = await alice.send(conversationId, 'before');
      await bob.event('newMessage');
      const oldId = bob.socket.id;
      const oldPid = bob.socket._pid;

      await bob.goAway();
      const sent = [];
      for (let index = 0; index < 30; index += 1) {
        sent.push(await alice.send(conversationId, `missed ${index}`));
      }
      await alice.request('messageRead', { conversationId, messageId: before.id });
      await bob.comeBack();

      assert.equal(bob.socket.recovered, true);
      assert.equal(bob.socket._pid, oldPid);
      assert.notEqual(bob.socket.id, oldId);
      assert.deepEqual(bob.messages, sent);
      assert.equal(kinds(bob).at(-1), 'synced');
      assert.equal(bob.received('synced').length, 1);
    });

    test('after a break without anything missed only synced comes', async (t) => {
      const { bob } = await pair(t, shared.server, { via });
      await bob.goAway();
      await bob.comeBack();
      assert.equal(bob.socket.recovered, true);
      assert.deepEqual(kinds(bob), ['synced']);
    });

    test('messages that are sent while the client returns come once and in order', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      await bob.goAway();
      bob.forget();
      const sends = Array.from({ length: 200 }, (_, index) => alice.send(conversationId, `${index}`));
      bob.socket.io.reconnection(true);
      bob.socket.connect();
      const sent = await Promise.all(sends);
      await until('200 messages', () => bob.messages.length >= 200, 10_000);
      assert.deepEqual(bob.messages, sent);
    });

    test('a client that disconnected on purpose recovers too', async (t) => {
      const { alice, bob, conversationId } = await pair(t, shared.server, { via });
      bob.socket.disconnect();
      const sent = await alice.send(conversationId, 'missed');
      await bob.comeBack();
      assert.equal(bob.socket.recovered, true);
      assert.deepEqual(bob.messages, [sent]);
    });
  });
}

test('what came during recovery is not repeated at the next one', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  for (const content of ['first', 'second', 'third']) {
    await bob.goAway();
    await alice.send(conversationId, content);
    await bob.comeBack();
    assert.deepEqual(bob.messages.map((message) => message.content), [content]);
  }
});

test('the own messages come again in recovery', async (t) => {
  const { alice, conversationId } = await pair(t, shared.server);
  const tablet = await join(t, shared.server, alice.user);
  await tablet.goAway();
  const sent = await alice.send(conversationId, 'from the other device');
  await alice.goAway();
  await Promise.all([tablet.comeBack(), alice.comeBack()]);
  assert.deepEqual(tablet.messages, [sent]);
  assert.deepEqual(alice.messages, [sent]);
});

test('receipts and an opened conversation are recovered too', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const { id: messageId } = await alice.send(conversationId, 'one');
  await alice.goAway();
  await bob.request('messageRead', { conversationId, messageId });
  const [carolName] = newUsers('carol');
  const carol = await join(t, shared.server, carolName);
  const opened = await carol.request('openConversation', { userId: alice.user });
  await alice.comeBack();
  assert.deepEqual(kinds(alice), ['newMessage', 'messageStatus', 'conversationUpdated', 'synced']);
  assert.equal(alice.received('messageStatus')[0].data.readSeq, 1);
  assert.equal(alice.received('conversationUpdated')[0].data.id, opened.id);
});

test('3000 missed messages come once and in order', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await bob.goAway();
  const sent = await alice.sendMany(conversationId, 3000);
  await bob.comeBack();
  assert.deepEqual(bob.messages.map(({ id }) => id), sent.map(({ id }) => id));
});

describe('auth.since', () => {
  async function offsetAfterFirst(t) {
    const people = await pair(t, shared.server);
    await people.alice.send(people.conversationId, 'first');
    await people.bob.event('newMessage');
    return { ...people, since: people.bob.received('newMessage')[0].offset };
  }

  test('without a pid brings what was missed, then synced', async (t) => {
    const { alice, bob, conversationId, since } = await offsetAfterFirst(t);
    bob.close();
    const missed = await alice.send(conversationId, 'missed');
    const again = await join(t, shared.server, bob.user, { auth: { token: tokenFor(bob.user), since } });
    assert.deepEqual(kinds(again), ['newMessage', 'synced']);
    assert.deepEqual(again.messages, [missed]);
    assert.equal(again.socket.recovered, false);
  });

  for (const [what, altered] of [
    ['that cannot be read', () => 'no-offset'],
    ['that is empty', () => ''],
    ['of another user', ({ alice }) => alice.received('conversationUpdated')[0].offset],
  ]) {
    test(`an offset ${what} brings resyncRequired, then synced`, async (t) => {
      const people = await offsetAfterFirst(t);
      const { bob } = people;
      const since = altered(people);
      const again = await join(t, shared.server, bob.user, { auth: { token: tokenFor(bob.user), since } });
      assert.deepEqual(kinds(again), ['resyncRequired', 'synced']);
    });
  }

  test('an offset that is no string is not taken for one', async (t) => {
    const { bob } = await offsetAfterFirst(t);
    const client = call(t, shared.server, bob.user, { auth: { token: tokenFor(bob.user), since: 7 } });
    await client.synced();
    assert.deepEqual(client.messages, []);
  });
});

describe('pid and offset of the client', () => {
  /** What the official client sends, with one of the two replaced. */
  async function comeBackWith(people, change) {
    await people.bob.goAway();
    change(people.bob.socket);
    await people.alice.send(people.conversationId, 'missed');
    await people.bob.comeBack();
  }

  test('an offset that cannot be read: resyncRequired, synced, and a new pid', async (t) => {
    const people = await pair(t, shared.server);
    const oldPid = people.bob.socket._pid;
    await comeBackWith(people, (socket) => {
      socket._lastOffset = 'no-offset';
    });
    assert.equal(people.bob.socket.recovered, false);
    assert.notEqual(people.bob.socket._pid, oldPid);
    assert.deepEqual(kinds(people.bob), ['resyncRequired', 'synced']);
  });

  test('no offset: as a first connect, with a new pid', async (t) => {
    const people = await pair(t, shared.server);
    const oldPid = people.bob.socket._pid;
    await comeBackWith(people, (socket) => {
      socket._lastOffset = undefined;
    });
    assert.equal(people.bob.socket.recovered, false);
    assert.notEqual(people.bob.socket._pid, oldPid);
    assert.deepEqual(kinds(people.bob), ['synced']);
  });

  test('a pid of another user: as a first connect, with a new pid, and nothing of theirs', async (t) => {
    const people = await pair(t, shared.server);
    const foreignPid = people.alice.socket._pid;
    await comeBackWith(people, (socket) => {
      socket._pid = foreignPid;
    });
    assert.equal(people.bob.socket.recovered, false);
    assert.notEqual(people.bob.socket._pid, foreignPid);
    assert.deepEqual(people.bob.messages, []);
  });

  test('an invented pid: as a first connect', async (t) => {
    const people = await pair(t, shared.server);
    await comeBackWith(people, (socket) => {
      socket._pid = 'invented';
    });
    assert.equal(people.bob.socket.recovered, false);
    assert.equal(kinds(people.bob).at(-1), 'synced');
  });

  test('a good pid does not replace a good token', async (t) => {
    const { bob } = await pair(t, shared.server);
    await bob.goAway();
    bob.socket.auth = { token: tokenFor(bob.user, { ttl: -60 }) };
    bob.socket.connect();
    const error = await until('connect_error', () => bob.connectErrors[0]);
    assert.equal(error.data.code, 'TOKEN_EXPIRED');
  });

  test('the user is the token\'s: another user with this pid and offset sees nothing of it', async (t) => {
    const people = await pair(t, shared.server);
    const [malloryName] = newUsers('mallory');
    const { bob, alice, conversationId } = people;
    await bob.goAway();
    await alice.send(conversationId, 'private');
    bob.socket.auth = { token: tokenFor(malloryName) };
    await bob.comeBack();
    assert.equal(bob.socket.recovered, false);
    assert.deepEqual(bob.messages, []);
  });
});

test('synced comes again when the position ran 64 ahead of the last offset that the socket was sent', async (t) => {
  // A sender gets no newMessage of its own, so its position runs ahead.
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  await alice.event('conversationUpdated');
  alice.forget();
  for (let index = 0; index < 200; index += 1) {
    await alice.send(conversationId, `${index}`);
  }
  await until('synced again', () => alice.received('synced').length >= 2);
  assert.ok(alice.received('synced').length <= 4);
  assert.ok(alice.received('synced').every(({ data, offset }) => data.offset === offset));
});
