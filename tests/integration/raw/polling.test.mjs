import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverWithCanary } from '../lib/canary.mjs';
import { PollingSession, requestHead, SocketSession, socketPath, Wire } from '../lib/raw.mjs';
import { secondsFromNow, tokenFor } from '../lib/token.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = serverWithCanary();

test('CONNECT with a token is answered with sid and pid, and synced', async () => {
  const session = await PollingSession.open(shared.server);
  const posted = await session.post(`40${JSON.stringify({ token: tokenFor('poller') })}`);
  assert.equal(posted.status, 200);
  assert.equal(posted.body, 'ok');
  let packets = (await session.get()).body.split('\x1e');
  assert.deepEqual(Object.keys(JSON.parse(packets[0].slice(2))), ['sid', 'pid']);
  if (packets.length === 1) {
    packets = [packets[0], ...(await session.get()).body.split('\x1e')];
  }
  assert.match(packets[1], /^42\["synced",\{"offset":"[^"]+"\},"[^"]+"\]$/);
});

test('CONNECT without a token is refused, and the session ends', async () => {
  const session = await PollingSession.open(shared.server);
  await session.post('40');
  const { body } = await session.get();
  assert.match(body, /^44\{"message":"unauthorized","data":\{"code":"UNAUTHENTICATED"\}\}/);
  await sleep(1_000);
  assert.equal(await session.isKnown(), false);
});

test('packets of one POST are handled in order, and their answers come in one payload where they are ready', async () => {
  const session = await PollingSession.open(shared.server);
  await session.post(`40${JSON.stringify({ token: tokenFor('poller') })}`);
  await session.get();
  await session.post(['421["nope",{}]', '422["nope",{}]', '423["nope",{}]'].join('\x1e'));
  let seen = '';
  while (!seen.includes('433[')) {
    seen += `\x1e${(await session.get()).body}`;
  }
  const acks = seen.split('\x1e').filter((packet) => packet.startsWith('43')).map((packet) => packet.slice(2, 3));
  assert.deepEqual(acks, ['1', '2', '3']);
});

test('a close comes in a payload of its own, behind the one with the last events', async () => {
  // The official client handles a payload in one go and events after it: an event beside the close is put off until the next
  // connect, where recovery brings it a second time.
  const session = await PollingSession.open(shared.server);
  // 2 s of the leeway are left; then comes an exception, and the end, while no GET is parked.
  const exp = secondsFromNow(-28);
  await session.post(`40${JSON.stringify({ token: tokenFor('poller', { exp }) })}`);
  let last = await session.get();
  while (!last.body.includes('synced')) {
    last = await session.get();
  }
  await sleep((exp + 30) * 1000 + 400 - Date.now());
  const packets = [];
  while (packets.at(-1)?.at(-1) !== '1') {
    const { status, body } = await session.get();
    assert.equal(status, 200);
    packets.push(body.split('\x1e'));
  }
  assert.deepEqual(packets.at(-1), ['1']);
  assert.ok(packets.flat().some((packet) => packet.startsWith('42["exception",{"status":"error","code":"TOKEN_EXPIRED"')));
});

test('a second GET beside a parked one is 400, the first ends with 1, and the session is over', async () => {
  const session = await PollingSession.open(shared.server);
  const first = session.get();
  await sleep(50);
  const second = await session.get();
  assert.equal(second.status, 400);
  assert.deepEqual([(await first).status, (await first).body], [200, '1']);
  assert.equal((await session.get()).status, 400);
});

test('a second POST beside one that is still arriving is 400', async () => {
  const session = await PollingSession.open(shared.server);
  const slow = new Wire(shared.server);
  slow.send(requestHead('POST', `${socketPath}?${session.query}`, { 'Content-Length': '10' }), '6');
  await sleep(50);
  const { status } = await session.post('6');
  assert.ok([200, 400].includes(status), String(status));
  slow.end();
});

test('a client that goes away while its GET is parked ends the session', async () => {
  const session = await PollingSession.open(shared.server);
  const wire = new Wire(shared.server);
  wire.send(requestHead('GET', `${socketPath}?${session.query}`));
  await sleep(50);
  wire.end();
  await sleep(100);
  assert.equal((await session.get()).status, 400);
});

test('a packet 1 ends the session, and a parked GET gets 6', async () => {
  const session = await PollingSession.open(shared.server);
  const parked = session.get();
  await sleep(50);
  await session.post('1');
  assert.deepEqual([(await parked).status, (await parked).body], [200, '6']);
  assert.equal((await session.get()).status, 400);
});

// Body, and whether the session goes on.
const bodies = [
  ['abc', false],
  ['', false],
  ['b***', false],
  ['7', false],
  ['2', false],
  ['4abc', false],
  ['42{}', false],
  ['45-1-', false],
  ['450-["x"]', false],
  ['4599999999-["x"]', false],
  ['bAQID', false],
  ['\x1e', false],
  ['6\x1e\x1e6', false],
  [Array.from({ length: 1001 }, () => '6').join('\x1e'), false],
  ['0', true],
  ['3', true],
  ['5', true],
  ['6', true],
  [Array.from({ length: 1000 }, () => '6').join('\x1e'), true],
];

for (const [body, goesOn] of bodies) {
  test(`the body ${JSON.stringify(body.slice(0, 20))} (${body.length} bytes) ${goesOn ? 'keeps' : 'ends'} the session`, async () => {
    const session = await PollingSession.open(shared.server);
    const { status } = await session.post(body);
    assert.ok(status === 200 || status === 400, String(status));
    assert.equal(await session.isKnown(), goesOn);
  });
}

test('application/octet-stream is 400 and ends the session', async () => {
  const session = await PollingSession.open(shared.server);
  assert.equal((await session.post('6', { 'content-type': 'application/octet-stream' })).status, 400);
  assert.deepEqual(JSON.parse((await session.get()).body), { code: 1, message: 'Session ID unknown' });
});

test('a body above maxPayload is 413 and ends the session', async () => {
  const session = await PollingSession.open(shared.server);
  const { status } = await session.post(`4${'x'.repeat(session.opened.maxPayload)}`).catch(() => ({ status: 413 }));
  assert.equal(status, 413);
  assert.equal((await session.get()).status, 400);
});

test('a body without end, chunked and without a length, is cut off', async () => {
  const session = await PollingSession.open(shared.server);
  const wire = new Wire(shared.server);
  wire.send(requestHead('POST', `${socketPath}?${session.query}`, { 'Transfer-Encoding': 'chunked' }));
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x78), Buffer.from('\r\n')]);
  for (let sent = 0; sent < 64 && !wire.isClosed; sent += 1) {
    wire.send(chunk);
    await sleep(2);
  }
  assert.ok([0, 413].includes(await wire.status()));
  await wire.closed();
});

test('with the websocket in use the polling transport of the session is refused', async () => {
  const polling = await PollingSession.open(shared.server);
  const socket = await SocketSession.open(shared.server, `EIO=4&transport=websocket&sid=${polling.opened.sid}`);
  socket.send('2probe');
  await socket.packet(/^3probe$/);
  const parked = polling.get();
  assert.equal((await parked).body, '6');
  socket.send('5');
  socket.send(`40${JSON.stringify({ token: tokenFor('upgrader') })}`);
  await socket.packet(/^40\{/);
  const refused = await polling.get();
  assert.equal(refused.status, 400);
  assert.equal(JSON.parse(refused.body).code, 3);
  socket.end();
});

test('a second websocket for a session that has one closes, the first goes on', async () => {
  const polling = await PollingSession.open(shared.server);
  const query = `EIO=4&transport=websocket&sid=${polling.opened.sid}`;
  const first = await SocketSession.open(shared.server, query);
  first.send('2probe');
  await first.packet(/^3probe$/);
  await assert.rejects(async () => {
    const second = await SocketSession.open(shared.server, query);
    await second.closed();
    throw new Error('closed after the upgrade, as the reference does');
  });
  first.send('5');
  first.send(`40${JSON.stringify({ token: tokenFor('upgrader') })}`);
  await first.packet(/^40\{/);
  first.end();
});

test('something else than 5 on a probing websocket closes that alone, and the session polls on', async () => {
  const polling = await PollingSession.open(shared.server);
  const socket = await SocketSession.open(shared.server, `EIO=4&transport=websocket&sid=${polling.opened.sid}`);
  socket.send('2probe');
  await socket.packet(/^3probe$/);
  socket.send('4garbage');
  await socket.closed();
  assert.equal((await polling.post('6')).status, 200);
  assert.equal(await polling.isKnown(), true);
});
