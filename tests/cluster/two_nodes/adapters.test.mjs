// The other ways in which nodes may be joined do the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { join } from '../../integration/lib/fixture.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { ownCluster, pairAcross, sharedCluster } from '../lib/cluster.mjs';
import { Redis, RedisCluster } from '../lib/redis.mjs';

const ways = [
  ['sharded', 'one Redis', Redis],
  ['sharded', 'a Redis Cluster', RedisCluster],
  ['classic', 'a Redis Cluster', RedisCluster],
];

for (const [kind, what, Kind] of ways) {
  describe(`REDIS_ADAPTER=${kind} over ${what}`, () => {
    const shared = sharedCluster({ Redis: Kind, withConnections: true, env: { REDIS_ADAPTER: kind } });

    test('messages, typing and receipts of several pairs cross', async (t) => {
      const [first, second] = shared.nodes;
      // Their rooms lie on different masters.
      for (let round = 0; round < 6; round += 1) {
        const { alice, bob, conversationId } = await pairAcross(t, first, second);
        const devices = [bob, await join(t, second, alice.user)].map((client) => new Arrivals(client, conversationId));
        await alice.request('typing', { conversationId });
        await bob.event('typing', ({ isTyping }) => isTyping, 1_000);
        const sent = await alice.sendMany(conversationId, 20);
        for (const device of devices) {
          await device.all(sent, 1_000);
          device.assertAre(sent);
        }
        await bob.request('messageRead', { conversationId, messageId: sent.at(-1).id });
        await alice.event('messageStatus', ({ status }) => status === 'READ', 1_000);
      }
    });

    test('decisions and the register of sockets are kept, and changes of connections are heard', async (t) => {
      const { redis, connections } = shared.cluster;
      const { alice, bob, conversationId } = await pairAcross(t, ...shared.nodes);
      await bob.send(conversationId, 'hello');
      assert.equal(connections.callsAbout(alice.user, bob.user).length, 1);
      await until('the register', async () => {
        const ids = await redis.command('SMEMBERS', `user:sockets:${alice.user}`);
        return ids.length === 1 && String(ids[0]) === alice.socket.id;
      });
      connections.say(false);
      await redis.command(
        'PUBLISH',
        'connections:changed',
        JSON.stringify({ userId: alice.user, otherUserId: bob.user, connected: false }),
      );
      for (const client of [alice, bob]) {
        await client.event('conversationUpdated', ({ canSend }) => !canSend, 1_000);
      }
      connections.say(true);
    });
  });
}

test('a master of the Redis Cluster stands still: messages go on and arrive in time', async (t) => {
  const cluster = await ownCluster(t, { Redis: RedisCluster, env: { REDIS_ADAPTER: 'sharded' } });
  const pairs = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const people = await pairAcross(t, ...cluster.nodes);
      return { ...people, seen: new Arrivals(people.bob, people.conversationId), sent: [] };
    }),
  );
  const everybodySends = async () => {
    await Promise.all(pairs.map(async ({ alice, conversationId, sent }) => sent.push(await alice.send(conversationId, 'on'))));
    await Promise.all(pairs.map(({ seen, sent }) => seen.all(sent)));
  };
  await everybodySends();
  const [master] = cluster.redis.masters;
  await master.freeze();
  await everybodySends();
  await master.thaw();
  await everybodySends();
  for (const { seen, sent } of pairs) {
    seen.assertAre(sent);
  }
});
