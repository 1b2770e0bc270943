import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { secret, tokenFor } from '../../integration/lib/token.mjs';
import { Wiretap } from '../lib/wiretap.mjs';
import { mixedCluster, person } from './suites/mixed.mjs';

const shared = mixedCluster('classic');

test('nothing that passes through Redis holds a token, a cookie, an authorization header or the secret', async (t) => {
  const tap = await Wiretap.on(shared.cluster.redis);
  t.after(() => tap.end());
  const alice = await person(t, shared, 'alice');
  const headers = { authorization: `Bearer ${tokenFor('bob')}`, cookie: 'session=private' };
  await join(t, shared.messagingd, 'bob', { auth: {}, extraHeaders: headers });
  const { id } = await alice.client.request('openConversation', { userId: 'bob' });
  await alice.client.send(id, 'hello');
  await alice.client.request('refreshToken', { token: tokenFor(alice.user, { jti: 'another' }) });
  await shared.node.io.fetchSockets();
  await shared.node.io.in(alice.room).fetchSockets();
  await shared.node.io.serverSideEmitWithAck('hello');
  shared.node.io.emit('the end', 1);
  await alice.client.event('the end');

  assert.ok(tap.lines.some((line) => line.includes(alice.id)), 'the answers were seen');
  const signature = (token) => token.split('.')[2];
  const tokens = [alice.client.socket.auth.token, headers.authorization];
  for (const forbidden of [...tokens, ...tokens.map(signature), 'eyJhbGci', 'Bearer', 'session=private', secret]) {
    assert.ok(!tap.text.includes(forbidden), `${forbidden} was seen`);
  }
});
