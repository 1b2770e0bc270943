import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, join, newUsers, ownServer, sharedServer } from '../lib/fixture.mjs';
import { until } from '../lib/wait.mjs';

// With limits on: the other files run without.
const shared = sharedServer({ env: { RATE_LIMITS: 'on' } });

test('the 21st connection of a user is refused, and a place that becomes free is given again', async (t) => {
  const [user] = newUsers('alice');
  const clients = [];
  for (let index = 0; index < 20; index += 1) {
    clients.push(await join(t, shared.server, user));
  }

  const tooMany = call(t, shared.server, user);
  const error = await until('connect_error', () => tooMany.connectErrors[0]);
  assert.equal(error.message, 'unauthorized');
  assert.deepEqual(error.data, { code: 'TOO_MANY_CONNECTIONS' });

  clients[0].close();
  await until('a free place', async () => {
    const again = call(t, shared.server, user);
    await until('an answer', () => again.socket.connected || again.connectErrors.length > 0);
    return again.socket.connected;
  });
});

test('a burst of sends is refused with RATE_LIMITED and a time, after which sending works again', async (t) => {
  const server = await ownServer(t, { env: { RATE_LIMITS: 'on' } });
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => alice.ack('sendMessage', { conversationId, content: `${index}` })),
  );
  const refused = answers.filter(({ ok }) => !ok).map(({ error }) => error);
  assert.ok(refused.length > 0, 'some were refused');
  assert.ok(refused.length < 60, 'some were accepted');
  for (const error of refused) {
    assert.equal(error.code, 'RATE_LIMITED');
    assert.equal(error.retryable, true);
    assert.ok(error.retryAfterMs > 0);
  }
  const pauseMs = Math.max(...refused.map(({ retryAfterMs }) => retryAfterMs));
  await new Promise((done) => setTimeout(done, pauseMs + 50));
  await alice.send(conversationId, 'later');
});

test('a retry of a stored message is answered with it although the limit would now refuse it', async (t) => {
  const server = await ownServer(t, { env: { RATE_LIMITS: 'on' } });
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const first = { conversationId, content: 'once', clientMessageId: 'b0d3f1a4-30a1-4a0e-9a55-0d3c1f6b2a11' };
  const stored = await alice.request('sendMessage', first);
  const burst = Array.from({ length: 60 }, (_, index) => alice.ack('sendMessage', { conversationId, content: `${index}` }));
  const again = await alice.request('sendMessage', first);
  await Promise.all(burst);
  assert.deepEqual(again, stored);
});
