import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { join, ownServer } from '../lib/fixture.mjs';
import { Server } from '../lib/server.mjs';

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('token prints one that the development server accepts, also with the secret that it made itself', async (t) => {
  for (const env of [{}, { JWT_SECRET: undefined }]) {
    const server = await ownServer(t, { env });
    const { code, stdout, stderr } = await server.run('token', 'alice');
    assert.equal(code, 0, stderr);
    const alice = await join(t, server, 'alice', { auth: { token: stdout.trim() } });
    await alice.request('getConversations', {});
  }
});

test('token takes a time to live', async (t) => {
  const server = await Server.prepare();
  t.after(() => server.discard());
  const { stdout } = await server.run('token', 'alice', '--ttl', '1h');
  const { sub, exp } = claims(stdout.trim());
  assert.equal(sub, 'alice');
  assert.ok(Math.abs(exp - (Date.now() / 1000 + 3600)) < 30);
});

test('token without a user, or with an id that is none, is a usage error', async (t) => {
  const server = await Server.prepare();
  t.after(() => server.discard());
  assert.equal((await server.run('token')).code, 2);
  assert.equal((await server.run('token', 'a b')).code, 2);
});

test('migrate makes the database, and again changes nothing', async (t) => {
  const server = await Server.prepare();
  t.after(() => server.discard());
  assert.equal((await server.run('migrate')).code, 0);
  assert.equal((await server.run('migrate')).code, 0);
  await server.start();
});

test('doctor finds nothing wrong after ordinary use', async (t) => {
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice');
  const bob = await join(t, server, 'bob');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  for (let index = 0; index < 20; index += 1) {
    const { id: messageId } = await (index % 2 ? alice : bob).send(conversationId, `${index}`);
    await (index % 2 ? bob : alice).request(index % 3 ? 'messageRead' : 'messageDelivered', { conversationId, messageId });
  }
  alice.close();
  bob.close();
  assert.equal(await server.stop(), 0);
  const { code, stdout, stderr } = await server.run('doctor');
  assert.equal(code, 0, stdout + stderr);
});

test('after migrate --new-epoch old offsets and pids are answered as first connects with a resync', async (t) => {
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  await alice.event('conversationUpdated');
  await alice.goAway();
  assert.equal(await server.stop(), 0);
  const migrated = await server.run('migrate', '--new-epoch');
  assert.equal(migrated.code, 0, migrated.stdout + migrated.stderr);
  await server.start();
  await alice.comeBack();
  assert.equal(alice.socket.recovered, false);
  assert.deepEqual(alice.events.map(({ event }) => event), ['resyncRequired', 'synced']);
  const { conversations } = await alice.request('getConversations', {});
  assert.equal(conversations[0].id, conversationId);
});

test('doctor on a database that is damaged exits with 1', async (t) => {
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice');
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  await alice.send(conversationId, 'one');
  await alice.send(conversationId, 'two');
  alice.close();
  await server.stop();
  const damage = spawnSync('sqlite3', [`${server.folder}/messaging.db`, 'UPDATE "Message" SET "seq" = 7 WHERE "seq" = 2']);
  if (damage.error) {
    t.skip('the command sqlite3, which does the damage, is not installed');
    return;
  }
  assert.equal(damage.status, 0, String(damage.stderr));
  const { code, stdout, stderr } = await server.run('doctor');
  assert.equal(code, 1, stdout + stderr);
});
