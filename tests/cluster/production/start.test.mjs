import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { freePorts } from '../../integration/lib/ports.mjs';
import { Server } from '../../integration/lib/server.mjs';
import { ConnectionsService } from '../lib/connections_service.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Redis } from '../lib/redis.mjs';

const servers = {};

before(async () => {
  servers.postgres = await Postgres.start();
  servers.redis = await Redis.start();
  servers.connections = await ConnectionsService.start();
});
after(() => Promise.all(Object.values(servers).map((server) => server.discard())));

/** A node as production has it, not started; over an empty database unless it is given one. */
async function productionNode(t, env = {}) {
  const node = await Server.prepare({
    env: {
      MESSAGING_PROFILE: 'production',
      DATABASE_URL: env.DATABASE_URL ?? (await servers.postgres.createDatabase()),
      REDIS_URL: servers.redis.url,
      CONNECTIONS_URL: servers.connections.url,
      CORS_ORIGINS: 'https://app.example',
      RATE_LIMITS: 'on',
      ...env,
    },
  });
  t.after(() => node.discard());
  return node;
}

const output = ({ stdout, stderr }) => stdout + stderr;

test('what is missing is named all at once, with exit code 78', async (t) => {
  const required = ['PORT', 'GRPC_PORT', 'DATABASE_URL', 'REDIS_URL', 'CONNECTIONS_URL', 'JWT_SECRET', 'CORS_ORIGINS'];
  const node = await productionNode(t);
  const all = Object.fromEntries(required.map((name) => [name, undefined]));
  node.env = { ...node.env, ...all };
  const result = await node.run('serve');
  assert.equal(result.code, 78);
  for (const name of required) {
    assert.match(output(result), new RegExp(`\\b${name}\\b`), `${name} is named`);
  }
});

test('addresses that cannot be understood are named all at once, without their passwords, with exit code 78', async (t) => {
  const node = await productionNode(t, {
    DATABASE_URL: 'postgres://messaging:first-password@[::1/messaging',
    REDIS_URL: 'redis://:second-password@host:port-70000',
    REDIS_ADAPTER: 'streams',
    CONNECTIONS_URL: 'grpc://no-port',
  });
  const result = await node.run('serve');
  assert.equal(result.code, 78, output(result));
  for (const name of ['REDIS_URL', 'REDIS_ADAPTER', 'CONNECTIONS_URL']) {
    assert.match(output(result), new RegExp(`\\b${name}\\b`), `${name} is named`);
  }
  assert.doesNotMatch(output(result), /(first|second)-password/);
});

test('a database that was not migrated is refused with a word about migrate; two that migrate at once both succeed', async (t) => {
  const node = await productionNode(t);
  const refused = await node.run('serve');
  assert.notEqual(refused.code, 0);
  assert.match(output(refused), /migrate/);

  const migrations = await Promise.all([node, node, node].map((one) => one.run('migrate')));
  for (const migration of migrations) {
    assert.equal(migration.code, 0, output(migration));
  }
  await node.start();
  const peer = await productionNode(t, { DATABASE_URL: node.env.DATABASE_URL });
  await peer.start();
  const alice = await join(t, node, 'alice');
  const bob = await join(t, peer, 'bob');
  const { id } = await alice.request('openConversation', { userId: 'bob' });
  const sent = await alice.send(id, 'hello');
  assert.deepEqual(await bob.event('newMessage'), sent);
  assert.equal((await fetch(`${node.url}/`)).status, 404, 'no page');
  assert.equal((await fetch(`${node.url}/dev/token?user=alice`)).status, 404, 'no tokens');
  const doctor = await node.run('doctor');
  assert.equal(doctor.code, 0, output(doctor));
});

test('a database that is not there within 30 s: exit code 69, without its password', { timeout: 60_000 }, async (t) => {
  const [port] = await freePorts(1);
  const node = await productionNode(t, { DATABASE_URL: `postgres://messaging:the-password@127.0.0.1:${port}/messaging` });
  const began = performance.now();
  const result = await node.run('serve');
  assert.equal(result.code, 69, output(result));
  assert.ok(performance.now() - began > 20_000, 'it waits for a database that is about to come');
  assert.doesNotMatch(output(result), /the-password/);
});

test('a database that comes late is waited for', async (t) => {
  const late = await Postgres.start();
  t.after(() => late.discard());
  const DATABASE_URL = await late.createDatabase();
  const node = await productionNode(t, { DATABASE_URL });
  assert.equal((await node.run('migrate')).code, 0);
  await late.stop();
  const starting = node.start();
  starting.catch(() => {});
  await late.restart();
  await starting;
});
