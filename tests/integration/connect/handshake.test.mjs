import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transports } from '../lib/client.mjs';
import { call, join, newUsers, sharedServer } from '../lib/fixture.mjs';
import { secondsFromNow, sign, tokenFor } from '../lib/token.mjs';
import { sleep, until } from '../lib/wait.mjs';

const shared = sharedServer();

const refusals = {
  'no token': { auth: {}, code: 'UNAUTHENTICATED' },
  'an empty token': { auth: { token: '' }, code: 'UNAUTHENTICATED' },
  'a token that is a number': { auth: { token: 7 }, code: 'UNAUTHENTICATED' },
  'a token that is no JWT': { auth: { token: 'a.b.c' }, code: 'UNAUTHENTICATED' },
  'a token of another key': {
    auth: { token: sign({ sub: 'eve', exp: secondsFromNow(60) }, { key: 'another key, also longer than 32 bytes, really' }) },
    code: 'UNAUTHENTICATED',
  },
  'a token that asks for no signature': {
    auth: { token: sign({ sub: 'eve', exp: secondsFromNow(60) }, { header: { alg: 'none' } }) },
    code: 'UNAUTHENTICATED',
  },
  'a token without exp': { auth: { token: sign({ sub: 'eve' }) }, code: 'UNAUTHENTICATED' },
  'a token without sub': { auth: { token: sign({ exp: secondsFromNow(60) }) }, code: 'UNAUTHENTICATED' },
  'a sub with a space': { auth: { token: tokenFor('e ve') }, code: 'UNAUTHENTICATED' },
  'a sub of 129 characters': { auth: { token: tokenFor('e'.repeat(129)) }, code: 'UNAUTHENTICATED' },
  'a token that is not valid yet': { auth: { token: tokenFor('eve', { nbf: secondsFromNow(120) }) }, code: 'UNAUTHENTICATED' },
  'an expired token': { auth: { token: tokenFor('eve', { ttl: -31 }) }, code: 'TOKEN_EXPIRED' },
};

for (const [name, via] of Object.entries(transports)) {
  describe(`connecting over ${name}`, () => {
    test('a good token is accepted with sid and pid, then synced follows', async (t) => {
      const [user] = newUsers('alice');
      const client = await join(t, shared.server, user, { via });
      assert.match(client.socket.id, /^\S+$/);
      assert.equal(client.socket.recovered, false);
      assert.equal(typeof client.socket._pid, 'string');
      assert.equal(client.events[0].event, 'synced');
      assert.equal(typeof client.events[0].data.offset, 'string');
      assert.equal(client.events[0].offset, client.events[0].data.offset);
    });

    test('a good token in the header of the handshake is accepted', async (t) => {
      const [user] = newUsers('alice');
      const extraHeaders = { Authorization: `Bearer ${tokenFor(user)}` };
      const client = await join(t, shared.server, user, { via, auth: {}, extraHeaders });
      const peer = `peer-of-${user}`;
      const { participants } = await client.request('openConversation', { userId: peer });
      assert.deepEqual(participants.map(({ userId }) => userId).sort(), [user, peer].sort());
    });

    test('a bad auth.token is not rescued by a good header', async (t) => {
      const [user] = newUsers('alice');
      const extraHeaders = { Authorization: `Bearer ${tokenFor(user)}` };
      const client = call(t, shared.server, user, { via, auth: { token: 'bad' }, extraHeaders });
      const error = await until('connect_error', () => client.connectErrors[0]);
      assert.equal(error.data.code, 'UNAUTHENTICATED');
    });

    test('a token in the query string does not count', async (t) => {
      const [user] = newUsers('alice');
      const client = call(t, shared.server, user, { via, auth: {}, query: { token: tokenFor(user) } });
      const error = await until('connect_error', () => client.connectErrors[0]);
      assert.equal(error.data.code, 'UNAUTHENTICATED');
    });

    for (const [what, { auth, code }] of Object.entries(refusals)) {
      test(`${what} is refused with ${code}, and the transport closes`, async (t) => {
        const client = call(t, shared.server, 'nobody', { via, auth });
        const { engine } = client.socket.io;
        const closed = new Promise((done) => engine.once('close', done));
        const error = await until('connect_error', () => client.connectErrors[0]);
        assert.equal(error.message, 'unauthorized');
        assert.deepEqual(error.data, { code });
        assert.equal(client.socket.active, false);
        const outcome = await Promise.race([closed, sleep(1_000, 'open')]);
        assert.notEqual(outcome, 'open');
      });
    }

    test('a token that expired less than the leeway ago is accepted', async (t) => {
      const [user] = newUsers('alice');
      await join(t, shared.server, user, { via, auth: { token: tokenFor(user, { ttl: -5 }) } });
    });
  });
}

test('a namespace that does not exist is refused, and the socket of the main one stays', async (t) => {
  const [user] = newUsers('alice');
  const client = await join(t, shared.server, user);
  const other = client.socket.io.socket('/elsewhere');
  const error = await new Promise((done) => other.once('connect_error', done));
  assert.equal(error.message, 'Invalid namespace');
  await client.request('getConversations', {});
});

test('user ids of every permitted character are told apart', async (t) => {
  const printable = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index)).join('');
  const alice = await join(t, shared.server, printable);
  const bob = await join(t, shared.server, 'A'.repeat(128));
  const conversation = await alice.request('openConversation', { userId: bob.user });
  await alice.send(conversation.id, 'hello');
  assert.equal((await bob.event('newMessage')).authorId, printable);
});
