// Socket.IO packets over a WebSocket: which ones close the connection, which ones are answered, which ones are ignored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverWithCanary } from '../lib/canary.mjs';
import { SocketSession } from '../lib/raw.mjs';
import { tokenFor } from '../lib/token.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = serverWithCanary();

async function session(t) {
  const one = await SocketSession.connected(shared.server);
  t.after(() => one.end());
  return one;
}

const closing = {
  'an empty array': '42[]',
  'an event that is an object': '42{}',
  'an event name that is an object': '42[{"toString":"x"}]',
  'an event name that is null': '42[null]',
  'an event name that is an array': '42[[]]',
  'an event name that is true': '42[true]',
  'the reserved name connect': '42["connect"]',
  'the reserved name connect_error': '42["connect_error"]',
  'the reserved name disconnect': '42["disconnect"]',
  'the reserved name disconnecting': '42["disconnecting"]',
  'the reserved name newListener': '42["newListener"]',
  'the reserved name removeListener': '42["removeListener"]',
  'an ack that is an object': '431{}',
  'a second CONNECT': '40',
  'a second CONNECT with a payload': '40{}',
  'CONNECT_ERROR from a client': '44',
  'attachments without a count': '45["x"]',
  'no attachments announced': '450-["x"]',
  'eleven attachments': '4511-["x"]',
  'attachments without end': '4599999999-["x"]',
  'an attachment, although this namespace takes none': '451-["x",{"_placeholder":true,"num":0}]',
  'a placeholder that names a method': '451-["x",{"_placeholder":true,"num":"splice"}]',
  'a fractional count': '451.5-["x"]',
  'a negative count': '45-1-["x"]',
  'a count in exponents': '451e1-["x"]',
  'an unknown packet type': '47',
  'a packet type that is no digit': '4x',
  'bytes behind the JSON': '42["msg",1]x',
  'JSON that is cut off': '42["msg",',
  'no JSON at all': '42abc',
  'an event for a namespace that was not joined': '42/nope,["x"]',
  'a DISCONNECT with a payload': '41{}',
  'an empty text frame': '',
  'an unknown Engine.IO type': '7',
  'a ping from the client': '2',
  'a probe on an open websocket': '2probe',
  'base64 in a text frame, which is a binary message without a header': 'bAQID',
  'base64 that is none': 'b***',
  'a binary frame without a header': Buffer.from([1, 2, 3]),
};

for (const [what, packet] of Object.entries(closing)) {
  test(`${what} closes the connection`, async (t) => {
    const one = await session(t);
    one.send(packet);
    assert.equal(await one.closed(), 1005);
  });
}

const ignored = {
  'an event without JSON': '42',
  'an ack without JSON': '43',
  'an ack that nobody waits for': '431["x"]',
  'an unsolicited pong': '3',
  'an upgrade packet on an open websocket': '5',
  'a noop': '6',
  'an open packet': '0',
};

for (const [what, packet] of Object.entries(ignored)) {
  test(`${what} is ignored`, async (t) => {
    const one = await session(t);
    one.send(packet);
    await one.staysOpen();
  });
}

const unknownEvent = /^42\["exception",\{"status":"error","code":"UNKNOWN_EVENT"/;
const answered = {
  'an event name that is a number': ['42[1]', unknownEvent],
  'the event error, which is not reserved': ['42["error"]', unknownEvent],
  'an event with a lone surrogate': ['42["nope","\\ud800"]', unknownEvent],
  'an event with __proto__ as a key': ['42["nope",{"__proto__":{"a":1}}]', unknownEvent],
  'an event with duplicate keys': ['42["nope",{"a":1,"a":2}]', unknownEvent],
  'an event with big numbers': ['42["nope",1e400,12345678901234567890]', unknownEvent],
  'an ack id with leading zeros': ['42007["getConversations",{}]', /^437\[\{"ok":true/],
  'white space before the JSON': ['42 ["nope"]', unknownEvent],
  'white space behind the JSON': ['42["nope"] \n', unknownEvent],
  'CONNECT to an unknown namespace': ['40/nope,', /^44\/nope,\{"message":"Invalid namespace"\}$/],
  'CONNECT to a namespace with a query': ['40/nope?token=1,', /^44\/nope\?token=1,\{"message":"Invalid namespace"\}$/],
};

for (const [what, [packet, answer]] of Object.entries(answered)) {
  test(`${what} is answered, and the connection stays`, async (t) => {
    const one = await session(t);
    one.send(packet);
    await one.packet(answer);
    await one.staysOpen();
  });
}

// The answer is not laid down; that there is no harm is.
const harmless = {
  'an ack id of 40 digits': `42${'9'.repeat(40)}["getConversations",{}]`,
  'an event that nests 900 levels': `42["nope",${'['.repeat(900)}${']'.repeat(900)}]`,
  'an event that nests 60 000 levels': `42["nope",${'['.repeat(60_000)}${']'.repeat(60_000)}]`,
  'an event that nests and never closes': `42["nope",${'[{"a":'.repeat(20_000)}`,
  'an event name of 100 000 characters': `42["${'x'.repeat(100_000)}"]`,
  'an event of 60 000 arguments': `42["nope"${',1'.repeat(60_000)}]`,
  'an object of 10 000 members': `42["sendMessage",{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":0`).join(',')}}]`,
  'a namespace of 100 000 characters': `40/${'x'.repeat(100_000)},`,
  'a close packet': '1',
};

for (const [what, packet] of Object.entries(harmless)) {
  test(`${what} does no harm`, async (t) => {
    const one = await session(t);
    one.send(packet);
    await sleep(100);
  });
}

test('after 41 the engine stays open, and 40 connects again', async (t) => {
  const one = await session(t);
  one.send('41');
  await sleep(50);
  one.received.length = 0;
  one.send(`40${JSON.stringify({ token: tokenFor('raw') })}`);
  await one.packet(/^40\{"sid":/);
  await one.staysOpen();
});

test('an event after 41 closes the connection', async (t) => {
  const one = await session(t);
  one.send('41');
  one.send('42["getConversations",{}]');
  assert.equal(await one.closed(), 1005);
});

test('more than maxPayload in one message closes with 1009', async (t) => {
  const one = await session(t);
  one.send(`42["${'x'.repeat(128 * 1024)}"]`);
  assert.equal(await one.closed(), 1009);
});

for (const packet of ['42["getConversations",{}]', '40"text"', '40[]', '40null', '40{', '41', '43[]', '4', 'x']) {
  test(`${packet} before CONNECT closes the connection`, async (t) => {
    const one = await SocketSession.open(shared.server);
    t.after(() => one.end());
    one.send(packet);
    assert.equal(await one.closed(), 1005);
  });
}

test('an event that is sent while CONNECT is being decided does no harm', async (t) => {
  const one = await SocketSession.open(shared.server);
  t.after(() => one.end());
  one.send(`40${JSON.stringify({ token: tokenFor('raw') })}`);
  one.send('421["getConversations",{}]');
  await sleep(100);
});

test('two CONNECTs at once make at most one socket', async (t) => {
  const one = await SocketSession.open(shared.server);
  t.after(() => one.end());
  const connect = `40${JSON.stringify({ token: tokenFor('raw') })}`;
  one.send(connect);
  one.send(connect);
  await one.closed();
  assert.ok(one.received.filter((packet) => packet.startsWith('40')).length <= 1);
});
