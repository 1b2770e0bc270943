// HTTP requests that broke other servers. What is asked for everywhere: a refusal or a close, soon, and no harm.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { serverWithCanary } from '../lib/canary.mjs';
import { PollingSession, requestHead, socketPath, upgradeHead, Wire } from '../lib/raw.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = serverWithCanary();
const handshake = `${socketPath}?EIO=4&transport=polling`;

/** Sends and gives the status, 0 where the connection was closed without one. */
async function statusOf(t, ...parts) {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  wire.send(...parts);
  return wire.status();
}

const upgrades = {
  'an unknown sid': 'EIO=4&transport=websocket&sid=unknown',
  'EIO 3': 'EIO=3&transport=websocket',
  'no EIO': 'transport=websocket',
  'the transport __proto__': 'EIO=4&transport=__proto__',
  'the transport constructor': 'EIO=4&transport=constructor',
  'the transport polling': 'EIO=4&transport=polling',
  'the sid __proto__': 'EIO=4&transport=websocket&sid=__proto__',
};

for (const [what, query] of Object.entries(upgrades)) {
  test(`an upgrade with ${what} is 400`, async (t) => {
    assert.equal(await statusOf(t, upgradeHead(query)), 400);
  });

  test(`a reset during and after an upgrade with ${what} does no harm`, async () => {
    for (const pauseMs of [0, 1, 10]) {
      const wire = new Wire(shared.server);
      wire.send(upgradeHead(query));
      await sleep(pauseMs);
      wire.reset();
      await wire.closed();
    }
  });
}

const refused = {
  'Content-Length and Transfer-Encoding at once': [
    requestHead('POST', handshake, { 'Content-Length': '4', 'Transfer-Encoding': 'chunked' }),
    '0\r\n\r\n',
  ],
  'two different Content-Lengths': [
    `POST ${handshake} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  ],
  'a negative Content-Length': [requestHead('POST', handshake, { 'Content-Length': '-1' })],
  'a Content-Length beyond 64 bits': [requestHead('POST', handshake, { 'Content-Length': '99999999999999999999' })],
  'a NUL in the query': [`GET ${handshake}&x=\0 HTTP/1.1\r\nHost: x\r\n\r\n`],
  'a line break within a header': [`GET ${handshake} HTTP/1.1\r\nHost: x\r\nX: a\r\n b\rc\r\n\r\n`],
  'no HTTP at all': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello TLS\r\n\r\n'],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  '2000 header fields': [
    requestHead('GET', handshake, Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-${index}`, 'y']))),
  ],
  'an upgrade with 2000 header fields': [
    upgradeHead(undefined, Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-${index}`, 'y']))),
  ],
  'a header of 1 MiB': [requestHead('GET', handshake, { 'x-long': 'y'.repeat(1 << 20) })],
  'a target of 1 MiB': [requestHead('GET', `${handshake}&x=${'y'.repeat(1 << 20)}`)],
};

for (const [what, bytes] of Object.entries(refused)) {
  test(`${what}: refused or closed`, async (t) => {
    const status = await statusOf(t, ...bytes);
    assert.ok(status === 0 || (status >= 400 && status < 500), String(status));
  });
}

const oddUpgrades = {
  'a subprotocol with 32 000 spaces': { 'Sec-WebSocket-Protocol': `b${' '.repeat(32_000)}x` },
  'a subprotocol with bytes beyond ASCII': { 'Sec-WebSocket-Protocol': 'caf\xe9\xff' },
  'the extension constructor': { 'Sec-WebSocket-Extensions': 'constructor' },
  'the extension __proto__': { 'Sec-WebSocket-Extensions': '__proto__' },
  'permessage-deflate': { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
  'an old version': { 'Sec-WebSocket-Version': '8' },
  'a key that is no base64': { 'Sec-WebSocket-Key': 'x' },
};

for (const [what, headers] of Object.entries(oddUpgrades)) {
  test(`an upgrade with ${what} is answered at once, without an extension`, async (t) => {
    const wire = new Wire(shared.server);
    t.after(() => wire.end());
    const beganAt = Date.now();
    wire.send(upgradeHead(undefined, headers));
    await wire.status();
    assert.ok(Date.now() - beganAt < 1_000);
    assert.doesNotMatch(wire.text, /sec-websocket-extensions/i);
  });
}

test('a request that drips in does not keep others waiting', async (t) => {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  const bytes = requestHead('GET', handshake);
  for (const byte of bytes) {
    wire.send(byte);
    await sleep(1);
  }
  assert.equal(await wire.status(), 200);
});

test('pipelined requests are answered in order', async (t) => {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  wire.send(requestHead('GET', '/first-unknown'), requestHead('GET', handshake), requestHead('GET', '/last-unknown', { Connection: 'close' }));
  await wire.closed();
  assert.deepEqual(wire.text.match(/HTTP\/1\.1 \d{3}/g), ['HTTP/1.1 404', 'HTTP/1.1 200', 'HTTP/1.1 404']);
});

test('5000 sessions that end by a close or a bad packet leave the memory flat', async () => {
  const residentKiB = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${shared.server.process.pid}/status`, 'utf8'))[1]);
  const burst = async (count) => {
    for (let index = 0; index < count; index += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, lane) => {
          const session = await PollingSession.open(shared.server);
          await session.post(lane % 2 ? '1' : 'abc');
        }),
      );
    }
  };
  await burst(1_000);
  const before = await residentKiB();
  await burst(5_000);
  const grewKiB = (await residentKiB()) - before;
  assert.ok(grewKiB < 16 * 1024, `${grewKiB} KiB more`);
});
