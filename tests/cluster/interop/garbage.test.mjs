// Whatever is published on its channels: messagingd lives and serves. No Node server takes part, as that would not survive it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { sharedCluster } from '../lib/cluster.mjs';
import { argumentsOf, person } from './suites/mixed.mjs';

const msgpack = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])));

const broken = [
  '',
  '{',
  '{}',
  'null',
  '[]',
  '[1,2,3]',
  '{"type":5}',
  '{"uid":"x","type":99}',
  '{"uid":"x","requestId":"y","type":5,"opts":{"rooms":"no"}}',
  '{"uid":"x","type":2,"opts":{"rooms":[1]},"rooms":null}',
  '{"uid":7,"nsp":"/","type":3,"data":{"packet":{"type":2,"data":"x"},"opts":{}}}',
  '{"uid":"x","nsp":"/","type":"3","data":null}',
  '['.repeat(50_000),
  `{"uid":"x","type":${'{"a":'.repeat(20_000)}`,
  msgpack(0x93),
  // An array and a map that claim 2^32-1 elements, a string that claims more than there is, and a hundred thousand levels.
  msgpack(0xdd, 0xff, 0xff, 0xff, 0xff, 1),
  msgpack(0xdf, 0xff, 0xff, 0xff, 0xff, 1),
  msgpack(0x93, 0xdb, 0xff, 0xff, 0xff, 0xff, 'a'),
  Buffer.alloc(100_000, 0x91),
  msgpack(0x93, 0xa6, 'abcdef', 0xc0, 0xc0),
  ...Array.from({ length: 60 }, (_, size) => randomBytes(1 + size * 7)),
  ...Array.from({ length: 60 }, (_, size) => Buffer.concat([msgpack(0x93, 0xa6), randomBytes(8 + size)])),
];

/** An event as a member of the sharded form sends it; JSON needs no more than this. */
const shardedEvent = (room, ...event) =>
  JSON.stringify({
    uid: '0123456789abcdef',
    nsp: '/',
    type: 3,
    data: { packet: { type: 2, data: event }, opts: { rooms: [room], except: [], flags: {} } },
  });

const fixstr = (text) => msgpack(0xd9, Buffer.byteLength(text), text);

/** ["abcdef", {type: 2, data: [name, 1], nsp: "/"}, {rooms: [room], except: [], flags: {}}], written by hand. */
const classicEvent = (room, name) =>
  Buffer.concat([
    msgpack(0x93, 0xa6, 'abcdef'),
    Buffer.concat([msgpack(0x83, 0xa4, 'type', 2, 0xa4, 'data', 0x92), fixstr(name), msgpack(1, 0xa3, 'nsp', 0xa1, '/')]),
    Buffer.concat([msgpack(0x83, 0xa5, 'rooms', 0x91), fixstr(room), msgpack(0xa6, 'except', 0x90, 0xa5, 'flags', 0x80)]),
  ]);

const forms = {
  classic: {
    publish: 'publish',
    channels: (room) => ['socket.io#/#', `socket.io#/#${room}#`, 'socket.io-request#/#', 'socket.io-response#/#'],
    event: classicEvent,
  },
  sharded: {
    publish: 'sPublish',
    channels: (room) => ['socket.io#/#', `socket.io#/#${room}#`],
    event: (room, name) => shardedEvent(room, name, 1),
  },
};

for (const [kind, { publish, channels, event }] of Object.entries(forms)) {
  describe(`REDIS_ADAPTER=${kind}`, () => {
    const shared = sharedCluster({ nodes: 1, env: { REDIS_ADAPTER: kind } }, async ({ nodes, redis }) => ({
      messagingd: nodes[0],
      publisher: await redis.client(),
    }));
    after(() => shared.publisher?.destroy());

    test('garbage on every channel is left alone', async (t) => {
      const alice = await person(t, shared, 'alice');
      for (const channel of channels(alice.room)) {
        for (const payload of broken) {
          await shared.publisher[publish](channel, payload);
        }
      }
      await shared.publisher[publish](`socket.io#/#${alice.room}#`, event(alice.room, 'still there'));
      assert.deepEqual(await argumentsOf(alice.client, 'still there'), [1]);
      assert.deepEqual(alice.client.disconnects, []);
    });

    test("events in messagingd's name with another content do not break anybody's feed", async (t) => {
      const alice = await person(t, shared, 'alice');
      const bob = await person(t, shared, 'bob');
      for (const name of ['newMessage', 'messageStatus', 'conversationUpdated', 'synced', 'typing', 'exception']) {
        await shared.publisher[publish](`socket.io#/#${alice.room}#`, event(alice.room, name));
        for (const rest of [[], [null], [{}], [{ seq: 'x' }, 'no offset'], [[]], [{ id: 1 }, alice.client.socket._lastOffset]]) {
          if (kind === 'sharded') {
            await shared.publisher[publish](`socket.io#/#${alice.room}#`, shardedEvent(alice.room, name, ...rest));
          }
        }
      }
      const { id } = await bob.client.request('openConversation', { userId: alice.user });
      const sent = await bob.client.send(id, 'genuine');
      assert.deepEqual(await alice.client.event('newMessage', (data) => data?.id === sent.id), sent);
      assert.equal(shared.messagingd.isRunning, true);
    });
  });
}
