import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ownServer, sharedServer } from '../lib/fixture.mjs';
import { Server } from '../lib/server.mjs';

const shared = sharedServer();

for (const [name, property] of [['PORT', 'port'], ['GRPC_PORT', 'grpcPort'], ['ADMIN_PORT', 'adminPort']]) {
  test(`${name} is taken: the process says so and exits with 69`, async (t) => {
    const server = await Server.prepare();
    t.after(() => server.discard());
    const holder = createServer().listen(server[property], '127.0.0.1');
    t.after(() => holder.close());
    await once(holder, 'listening');
    server.launch();
    assert.deepEqual(await server.exited, { code: 69, signal: null });
    assert.ok(server.logText.includes(String(server[property])), server.logText);
  });
}

test('a second process on the same SQLite file is refused, and the first goes on', async (t) => {
  const server = await ownServer(t);
  const second = await Server.prepare({ env: { DATABASE_URL: server.env.DATABASE_URL } });
  t.after(() => second.discard());
  second.launch();
  const { code } = await second.exited;
  assert.equal(code, 69, second.logText);
  assert.equal(await server.isReady(), true);
});

test('the lock of a killed process does not hinder the next one', async (t) => {
  const server = await ownServer(t);
  await server.restart({ how: 'kill9' });
  assert.equal(await server.isReady(), true);
});

test('/healthz, /readyz and /metrics are answered on the admin port', async () => {
  const { adminUrl } = shared.server;
  assert.equal((await fetch(`${adminUrl}/healthz`)).status, 200);
  assert.equal((await fetch(`${adminUrl}/readyz`)).status, 200);
  const metrics = await fetch(`${adminUrl}/metrics`);
  assert.equal(metrics.status, 200);
  assert.match(metrics.headers.get('content-type'), /^text\/plain/);
  assert.match(await metrics.text(), /^# TYPE \w+ (counter|gauge|histogram|summary)$/m);
  assert.equal((await fetch(`${adminUrl}/else`)).status, 404);
});

test('the public port shows no metrics', async () => {
  for (const path of ['/metrics', '/readyz', '/healthz']) {
    assert.equal((await fetch(`${shared.server.url}${path}`)).status, 404);
  }
});

test('the development server shows the page and gives tokens to this machine', async () => {
  const { url } = shared.server;
  const page = await fetch(`${url}/`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.ok(page.headers.get('content-security-policy'));
  const given = await fetch(`${url}/dev/token?user=alice`);
  assert.match(given.headers.get('content-type'), /^application\/json/);
  const { token, expiresAt } = await given.json();
  assert.equal(token.split('.').length, 3);
  assert.ok(Date.parse(expiresAt) > Date.now());
  assert.equal((await fetch(`${url}/dev/token?user=a%20b`)).status, 400);
  assert.equal((await fetch(`${url}/dev/token`)).status, 400);
});

test('the production server shows neither page nor tokens', async (t) => {
  const server = await Server.prepare({
    pairs: [],
    env: { MESSAGING_PROFILE: 'production', REDIS_URL: 'none', CORS_ORIGINS: 'https://app.example', RATE_LIMITS: 'on' },
  });
  t.after(() => server.discard());
  const migrated = await server.run('migrate');
  assert.equal(migrated.code, 0, migrated.stdout + migrated.stderr);
  await server.start();
  assert.equal((await fetch(`${server.url}/`)).status, 404);
  assert.equal((await fetch(`${server.url}/dev/token?user=alice`)).status, 404);
});
