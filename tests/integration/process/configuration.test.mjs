import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, Server } from '../lib/server.mjs';
import { secret } from '../lib/token.mjs';

async function folderFor(t) {
  const folder = await mkdtemp(join(tmpdir(), 'messagingd-config-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const output = ({ stdout, stderr }) => stdout + stderr;

test('several configuration problems are reported at once, and the process exits with 78', async (t) => {
  const cwd = await folderFor(t);
  const result = await run(['serve'], {
    cwd,
    env: {
      PORT: 'many',
      GRPC_PORT: '70000',
      DATABASE_URL: 'mysql://somewhere/db',
      CONNECTIONS_URL: 'carrier-pigeon:',
      JWT_SECRET: 'too short',
      RATE_LIMITS: 'perhaps',
    },
  });
  assert.equal(result.code, 78);
  for (const name of ['PORT', 'GRPC_PORT', 'DATABASE_URL', 'CONNECTIONS_URL', 'JWT_SECRET', 'RATE_LIMITS']) {
    assert.match(output(result), new RegExp(`\\b${name}\\b`), `${name} is named`);
  }
  assert.ok(!output(result).includes('too short'), 'a secret is not shown');
});

test('production without settings names every one that is missing, at once', async (t) => {
  const cwd = await folderFor(t);
  const result = await run(['serve'], { cwd, env: { MESSAGING_PROFILE: 'production' } });
  assert.equal(result.code, 78);
  for (const name of ['PORT', 'GRPC_PORT', 'DATABASE_URL', 'REDIS_URL', 'CONNECTIONS_URL', 'JWT_SECRET', 'CORS_ORIGINS']) {
    assert.match(output(result), new RegExp(`\\b${name}\\b`), `${name} is named`);
  }
});

test('production refuses open:, which connects everybody', async (t) => {
  const cwd = await folderFor(t);
  const result = await run(['serve'], {
    cwd,
    env: {
      MESSAGING_PROFILE: 'production',
      HOST: '127.0.0.1',
      PORT: '3999',
      GRPC_PORT: '3998',
      DATABASE_URL: `sqlite:${cwd}/messaging.db`,
      REDIS_URL: 'none',
      CONNECTIONS_URL: 'open:',
      JWT_SECRET: secret,
      CORS_ORIGINS: 'https://app.example',
    },
  });
  assert.equal(result.code, 78);
  assert.match(output(result), /CONNECTIONS_URL/);
});

test('a secret given directly and as a file is an error', async (t) => {
  const cwd = await folderFor(t);
  await writeFile(join(cwd, 'secret'), secret);
  const result = await run(['serve'], { cwd, env: { JWT_SECRET: secret, JWT_SECRET_FILE: join(cwd, 'secret') } });
  assert.equal(result.code, 78);
  assert.match(output(result), /JWT_SECRET/);
});

test('a configuration file that does not exist, is no TOML, or has an unknown key exits with 78', async (t) => {
  const cwd = await folderFor(t);
  await writeFile(join(cwd, 'broken.toml'), 'port = = 3');
  await writeFile(join(cwd, 'unknown.toml'), 'prot = 3000\n');
  for (const file of ['missing.toml', 'broken.toml', 'unknown.toml']) {
    const result = await run(['serve'], { cwd, env: { MESSAGING_CONFIG: join(cwd, file) } });
    assert.equal(result.code, 78, `${file}: ${output(result)}`);
    assert.ok(output(result).includes(file) || output(result).includes('prot'), output(result));
  }
});

test('a secret can come from a file', async (t) => {
  const server = await Server.prepare({ env: { JWT_SECRET: undefined } });
  t.after(() => server.discard());
  await writeFile(join(server.folder, 'secret'), `${secret}\n`);
  server.env.JWT_SECRET_FILE = join(server.folder, 'secret');
  await server.start();
  assert.equal(await server.stop(), 0);
});

test('an unknown command is a usage error', async (t) => {
  const cwd = await folderFor(t);
  assert.equal((await run(['dance'], { cwd })).code, 2);
});
