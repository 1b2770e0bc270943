import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

test('more than 10 000 positions back: resyncRequired and a new pid; sync pages through all of it', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  const oldPid = bob.socket._pid;
  const since = bob.socket._lastOffset;
  await bob.goAway();
  const sent = await alice.sendMany(conversationId, 10_001);
  await bob.comeBack();
  assert.deepEqual(bob.events.map(({ event }) => event), ['resyncRequired', 'synced']);
  assert.notEqual(bob.socket._pid, oldPid);

  const synced = [];
  let page = { offset: since, more: true };
  while (page.more) {
    page = await bob.request('sync', { since: page.offset, limit: 1000 });
    synced.push(...page.events.map(({ data }) => data.id));
  }
  assert.deepEqual(synced, sent.map(({ id }) => id));
});

test('10 000 positions back are still recovered, each once and in order', async (t) => {
  const { alice, bob, conversationId } = await pair(t, shared.server);
  await bob.goAway();
  const sent = await alice.sendMany(conversationId, 10_000);
  await bob.comeBack();
  assert.equal(bob.socket.recovered, true);
  assert.deepEqual(bob.messages.map(({ id }) => id), sent.map(({ id }) => id));
});
