// Waits that are as long as the protocol's timers: one minute in all, side by side.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { join, newUsers, sharedServer } from '../lib/fixture.mjs';
import { PollingSession, SocketSession } from '../lib/raw.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = sharedServer();

describe('timers', { concurrency: true }, () => {
  test('a session without CONNECT is closed after 10 s, over websocket', async () => {
    const session = await SocketSession.open(shared.server);
    const beganAt = Date.now();
    await session.closed(12_000);
    assert.ok(Date.now() - beganAt > 9_000);
  });

  test('a session without CONNECT is closed after 10 s, over polling', async () => {
    const session = await PollingSession.open(shared.server);
    const beganAt = Date.now();
    const { body } = await session.get();
    assert.equal(body, '1');
    const tookMs = Date.now() - beganAt;
    assert.ok(tookMs > 9_000 && tookMs < 12_000, `${tookMs} ms`);
  });

  test('a client that does not answer pings is gone after 45 s', async () => {
    const session = await SocketSession.connected(shared.server, 'silent');
    const beganAt = Date.now();
    await session.packet(/^2$/, 27_000);
    const pingAfterMs = Date.now() - beganAt;
    assert.ok(pingAfterMs > 23_000 && pingAfterMs < 27_000, `${pingAfterMs} ms`);
    await session.closed(23_000);
  });

  for (const via of ['polling', 'websocket']) {
    test(`a quiet client over ${via} stays connected for a minute`, async (t) => {
      const [user] = newUsers('quiet');
      const client = await join(t, shared.server, user, { via: [via] });
      await sleep(60_000);
      assert.deepEqual(client.disconnects, []);
      await client.request('getConversations', {});
    });
  }
});
