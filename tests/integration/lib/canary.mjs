// What has to hold after every hostile input: the process lives, and another client is served as before.
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import { connect } from './client.mjs';
import { sharedServer } from './fixture.mjs';

export function serverWithCanary(options) {
  const shared = sharedServer(options, async (server) => ({ canary: await connect(server, 'canary') }));
  afterEach(async () => {
    assert.equal(shared.server.isRunning, true, `the process ended:\n${shared.server.logText.slice(-3000)}`);
    await shared.canary.request('getConversations', {});
    assert.deepEqual(shared.canary.disconnects, [], 'the canary kept its link');
  });
  after(() => shared.canary?.close());
  return shared;
}
