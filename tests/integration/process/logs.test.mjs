import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, join, ownServer } from '../lib/fixture.mjs';
import { secret, tokenFor } from '../lib/token.mjs';
import { until } from '../lib/wait.mjs';

const marker = 'marker-that-must-not-be-logged';

test('logs are JSON lines without content, tokens or secrets, and so are the metrics', async (t) => {
  const server = await ownServer(t, { env: { LOG_LEVEL: 'debug' } });
  const alice = await join(t, server, 'alice');
  const bob = await join(t, server, 'bob');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const { id: messageId } = await alice.send(conversationId, `${marker} in content`);
  await bob.request('messageRead', { conversationId, messageId });
  await alice.refusal('sendMessage', { conversationId, content: `${marker}\u0000` });
  await alice.refusal('getMessages', { conversationId, cursor: `${marker}-cursor` });
  await alice.refusal('refreshToken', { token: `${marker}.token.bad` });
  await alice.refusal(`${marker}-event`, {});
  const bad = call(t, server, 'eve', { auth: { token: `${marker}.a.b` } });
  await until('connect_error', () => bad.connectErrors.length > 0);
  await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${marker}`);
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
  alice.close();
  bob.close();
  assert.equal(await server.stop(), 0);

  assert.ok(server.logLines.length > 0);
  for (const line of server.logLines) {
    assert.doesNotThrow(() => JSON.parse(line), `no JSON: ${line}`);
    assert.equal(line.match(/"event":/g).length, 1, `a key of the line's own, twice: ${line}`);
  }
  for (const forbidden of [marker, secret, alice.socket.auth.token, tokenFor('alice').split('.')[2]]) {
    assert.ok(!server.logText.includes(forbidden), `${forbidden} is in the logs`);
    assert.ok(!metrics.includes(forbidden), `${forbidden} is in the metrics`);
  }
});
