// Bytes of the WebSocket protocol that no client library would send.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverWithCanary } from '../lib/canary.mjs';
import { frame, upgradeHead, Wire } from '../lib/raw.mjs';
import { sleep } from '../lib/wait.mjs';

const shared = serverWithCanary();

async function upgraded(t) {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  wire.send(upgradeHead());
  assert.equal(await wire.status(), 101);
  return wire;
}

/** The code of the close frame that was sent, undefined where it had none. */
function closeCode({ received }) {
  const body = received.subarray(received.indexOf('\r\n\r\n') + 4);
  for (let at = 0; at + 1 < body.length; ) {
    const opcode = body[at] & 0x0f;
    const size = body[at + 1] & 0x7f;
    const head = size === 126 ? 4 : 2;
    if (opcode === 8) {
      return size >= 2 ? body.readUInt16BE(at + 2) : undefined;
    }
    at += head + (size === 126 ? body.readUInt16BE(at + 2) : size);
  }
  return undefined;
}

const violations = {
  'an unmasked frame': { bytes: frame({ payload: '3', masked: false }), code: 1002 },
  'RSV1 without an extension': { bytes: frame({ payload: '3', reserved: 4 }), code: 1002 },
  'RSV2 and RSV3': { bytes: frame({ payload: '3', reserved: 3 }), code: 1002 },
  'a reserved data opcode': { bytes: frame({ opcode: 3, payload: '3' }), code: 1002 },
  'a reserved control opcode': { bytes: frame({ opcode: 11, payload: '3' }), code: 1002 },
  'a ping of 126 bytes': { bytes: frame({ opcode: 9, payload: 'x'.repeat(126) }), code: 1002 },
  'a fragmented ping': { bytes: frame({ opcode: 9, fin: false, payload: 'x' }), code: 1002 },
  'a continuation without a beginning': { bytes: frame({ opcode: 0, payload: '3' }), code: 1002 },
  'a new message within a fragmented one': {
    bytes: Buffer.concat([frame({ fin: false, payload: '4' }), frame({ payload: '3' })]),
    code: 1002,
  },
  'a length with the top bit set': { bytes: frame({ length: 1n << 63n }), codes: [1002, 1009] },
  'a length of 2^62': { bytes: frame({ length: 1n << 62n }), code: 1009 },
  'a length of 1 GiB': { bytes: frame({ length: 1n << 30n }), code: 1009 },
  'invalid UTF-8': { bytes: frame({ payload: Buffer.from([0x34, 0xff, 0xfe]) }), code: 1007 },
  'an overlong UTF-8 form': { bytes: frame({ payload: Buffer.from([0x34, 0xc0, 0x80]) }), code: 1007 },
  'a surrogate in UTF-8': { bytes: frame({ payload: Buffer.from([0x34, 0xed, 0xa0, 0x80]) }), code: 1007 },
  'a close frame of one byte': { bytes: frame({ opcode: 8, payload: 'x' }), code: 1002 },
};

for (const [what, { bytes, code, codes = [code] }] of Object.entries(violations)) {
  test(`${what} closes with ${codes.join(' or ')}`, async (t) => {
    const wire = await upgraded(t);
    wire.send(bytes);
    await wire.closed();
    assert.ok(codes.includes(closeCode(wire)), String(closeCode(wire)));
  });
}

test('a bad frame in the same segment as the upgrade request closes the connection', async (t) => {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  wire.send(upgradeHead(), frame({ payload: '3', reserved: 3 }));
  await wire.closed();
});

test('a good frame in the same segment as the upgrade request is handled', async (t) => {
  const wire = new Wire(shared.server);
  t.after(() => wire.end());
  wire.send(upgradeHead(), frame({ payload: '40' }));
  await wire.closed();
  assert.ok(wire.text.includes('44{"message":"unauthorized"'));
});

test('a frame in segments of one byte is handled', async (t) => {
  const wire = await upgraded(t);
  for (const byte of frame({ payload: '40' })) {
    wire.send(Buffer.from([byte]));
    await sleep(1);
  }
  await wire.closed();
  assert.ok(wire.text.includes('44{"message":"unauthorized"'));
});

test('a message in fragments, with a ping between them, is put together', async (t) => {
  const wire = await upgraded(t);
  wire.send(frame({ fin: false, payload: '4' }), frame({ opcode: 9, payload: 'hi' }), frame({ opcode: 0, payload: '0' }));
  await wire.closed();
  assert.ok(wire.received.includes(Buffer.from([0x8a, 2, 0x68, 0x69])), 'pong with the same payload');
  assert.ok(wire.text.includes('44{"message":"unauthorized"'));
});

test('one-byte fragments without end are cut off', async (t) => {
  const wire = await upgraded(t);
  wire.send(frame({ fin: false, payload: '4' }));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => frame({ opcode: 0, fin: false, payload: 'x' })));
  for (let sent = 0; sent < 400 && !wire.isClosed; sent += 1) {
    wire.send(many);
    await sleep(1);
  }
  await wire.closed();
});

test('empty fragments without end are cut off', async (t) => {
  const wire = await upgraded(t);
  wire.send(frame({ fin: false, payload: '4' }));
  const many = Buffer.concat(Array.from({ length: 5000 }, () => frame({ opcode: 0, fin: false })));
  for (let sent = 0; sent < 100 && !wire.isClosed; sent += 1) {
    wire.send(many);
    await sleep(1);
  }
  await wire.closed();
});

test('a close frame is answered', async (t) => {
  const wire = await upgraded(t);
  wire.send(frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }));
  await wire.closed();
  assert.ok(wire.received.lastIndexOf(0x88) > 0);
});

test('a client that sends half a frame and a reset does no harm', async () => {
  const wire = new Wire(shared.server);
  wire.send(upgradeHead());
  await wire.status();
  wire.send(frame({ payload: '40'.repeat(100) }).subarray(0, 50));
  await sleep(20);
  wire.reset();
  await wire.closed();
});
