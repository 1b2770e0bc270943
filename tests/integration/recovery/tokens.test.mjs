import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers, sharedServer } from '../lib/fixture.mjs';
import { secondsFromNow, tokenFor } from '../lib/token.mjs';
import { until } from '../lib/wait.mjs';

const shared = sharedServer();

test('tokenExpiring comes 60 s before exp, with the time', async (t) => {
  const [user] = newUsers('alice');
  const exp = secondsFromNow(63);
  const client = await join(t, shared.server, user, { auth: { token: tokenFor(user, { exp }) } });
  assert.deepEqual(client.received('tokenExpiring'), []);
  const { expiresAt } = await client.event('tokenExpiring', undefined, 6_000);
  assert.equal(expiresAt, new Date(exp * 1000).toISOString());
  assert.ok(Date.now() >= (exp - 61) * 1000, 'not earlier');
});

test('with less than 60 s left tokenExpiring comes at once', async (t) => {
  const [user] = newUsers('alice');
  const client = await join(t, shared.server, user, { auth: { token: tokenFor(user, { ttl: 20 }) } });
  await client.event('tokenExpiring', undefined, 1_500);
});

test('refreshToken is answered with the new end, and tokenExpiring then belongs to the new token', async (t) => {
  const [user] = newUsers('alice');
  const client = await join(t, shared.server, user, { auth: { token: tokenFor(user, { ttl: 20 }) } });
  await client.event('tokenExpiring', undefined, 1_500);
  client.forget();
  const exp = secondsFromNow(62);
  const { expiresAt } = await client.request('refreshToken', { token: tokenFor(user, { exp }) });
  assert.equal(expiresAt, new Date(exp * 1000).toISOString());
  assert.equal((await client.event('tokenExpiring', undefined, 5_000)).expiresAt, expiresAt);
});

test('refreshToken refuses an expired, a bad and another user\'s token, and the old one stays', async (t) => {
  const [user] = newUsers('alice');
  const client = await join(t, shared.server, user);
  const cases = [
    [tokenFor(user, { ttl: -60 }), 'TOKEN_EXPIRED'],
    ['bad', 'UNAUTHENTICATED'],
    [tokenFor('mallory'), 'UNAUTHENTICATED'],
  ];
  for (const [token, code] of cases) {
    assert.equal((await client.refusal('refreshToken', { token })).code, code);
  }
  await client.request('getConversations', {});
});

test('at exp plus the leeway comes exception TOKEN_EXPIRED, then the transport closes', async (t) => {
  const [user] = newUsers('alice');
  // Within the leeway of 30 s: accepted, with 3 s left of it.
  const ended = tokenFor(user, { ttl: -27 });
  const client = await join(t, shared.server, user, { auth: { token: ended }, reconnection: false });
  const exception = await client.event('exception', undefined, 8_000);
  assert.equal(exception.code, 'TOKEN_EXPIRED');
  assert.equal(exception.status, 'error');
  assert.equal(await until('the close', () => client.disconnects[0], 2_000), 'transport close');
});

test('a refreshed token keeps the connection beyond the old one\'s end', async (t) => {
  const [user] = newUsers('alice');
  const client = await join(t, shared.server, user, { auth: { token: tokenFor(user, { ttl: -27 }) } });
  await client.request('refreshToken', { token: tokenFor(user) });
  await new Promise((done) => setTimeout(done, 5_000));
  assert.deepEqual(client.disconnects, []);
  await client.request('getConversations', {});
});
