// What the reference server answers to each request, with this service's departures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverWithCanary } from '../lib/canary.mjs';
import { http, PollingSession } from '../lib/raw.mjs';

const shared = serverWithCanary();
const errors = {
  0: 'Transport unknown',
  1: 'Session ID unknown',
  2: 'Bad handshake method',
  3: 'Bad request',
  5: 'Unsupported protocol version',
};

const refused = [
  ['GET', 'transport=polling', 5],
  ['GET', 'EIO=3&transport=polling', 5],
  ['GET', 'EIO=5&transport=polling', 5],
  ['GET', 'EIO=&transport=polling', 5],
  ['GET', 'EIO=4&EIO=3&transport=polling', 5],
  ['GET', 'EIO=4', 0],
  ['GET', 'EIO=4&transport=abc', 0],
  ['GET', 'EIO=4&transport=__proto__', 0],
  ['GET', 'EIO=4&transport=constructor', 0],
  ['GET', 'EIO=4&transport=webtransport', 0],
  ['GET', 'EIO=4&transport=polling&sid=__proto__', 1],
  ['GET', 'EIO=4&transport=polling&sid=constructor', 1],
  ['GET', 'EIO=4&transport=polling&sid=unknown-unknown-unkn', 1],
  ['GET', 'EIO=4&transport=polling&sid=%00', 1],
  ['GET', `EIO=4&transport=polling&sid=${'x'.repeat(2000)}`, 1],
  ['POST', 'EIO=4&transport=polling', 2],
  ['PUT', 'EIO=4&transport=polling', 2],
  ['DELETE', 'EIO=4&transport=polling', 2],
  ['GET', 'EIO=4&transport=websocket', 3],
];

for (const [method, query, code] of refused) {
  test(`${method} ?${query.slice(0, 60)} is 400 with code ${code}`, async () => {
    const response = await http(shared.server, method, query);
    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    assert.deepEqual(JSON.parse(response.body), { code, message: errors[code] });
  });
}

test('a handshake is answered with exactly the protocol\'s five members', async () => {
  const response = await http(shared.server, 'GET', 'EIO=4&transport=polling&t=abc&b64=1&j=0');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('set-cookie'), null);
  assert.equal(response.body[0], '0');
  const opened = JSON.parse(response.body.slice(1));
  assert.deepEqual(Object.keys(opened).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
  assert.match(opened.sid, /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual(opened.upgrades, ['websocket']);
  assert.equal(opened.pingInterval, 25_000);
  assert.equal(opened.pingTimeout, 20_000);
  assert.equal(opened.maxPayload, 128 * 1024);
});

test('HEAD instead of a handshake is 400 without a body', async () => {
  const response = await http(shared.server, 'HEAD', 'EIO=4&transport=polling');
  assert.equal(response.status, 400);
  assert.equal(response.body, '');
});

for (const path of ['/socket.io', '/engine.io/', '/elsewhere', '/socket.io/../../etc/passwd', '//']) {
  test(`${path} is 404`, async () => {
    assert.equal((await http(shared.server, 'GET', 'EIO=4&transport=polling', { path })).status, 404);
  });
}

for (const method of ['PUT', 'DELETE', 'PATCH']) {
  test(`${method} with the sid of a session is 400 or 405`, async () => {
    const session = await PollingSession.open(shared.server);
    const { status } = await http(shared.server, method, session.query);
    assert.ok(status === 400 || status === 405, String(status));
  });
}

for (const query of ['transport=polling', 'EIO=3&transport=polling', 'EIO=5&transport=polling']) {
  test(`a session opened with EIO=4 is not served for ?${query}`, async () => {
    const session = await PollingSession.open(shared.server);
    const response = await http(shared.server, 'GET', `${query}&sid=${session.opened.sid}`);
    assert.equal(response.status, 400);
    assert.equal(JSON.parse(response.body).code, 3);
  });
}

test('a preflight without configured origins permits nothing', async () => {
  const response = await http(shared.server, 'OPTIONS', 'EIO=4&transport=polling', {
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(response.headers.get('access-control-allow-origin'), null);
});
