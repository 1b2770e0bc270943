import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Sender } from '../../integration/lib/sender.mjs';
import { sleep, until } from '../../integration/lib/wait.mjs';
import { Arrivals, lateMsMax } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

const killPubSub = ['CLIENT', 'KILL', 'TYPE', 'pubsub'];
const killNormal = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'];

const faults = {
  'is killed and started again': async (redis) => {
    await redis.kill9();
    await redis.restart();
  },
  'is away for 7 s': async (redis) => {
    await redis.kill9();
    await sleep(7_000);
    await redis.restart();
  },
  'stands still for 9 s': async (redis) => {
    await redis.freeze();
    await sleep(9_000);
    await redis.thaw();
  },
  'is emptied': (redis) => redis.command('FLUSHALL'),
  'drops its subscribers': (redis) => redis.command(...killPubSub),
  'drops its other clients': (redis) => redis.command(...killNormal),
};

for (const [what, happens] of Object.entries(faults)) {
  test(`Redis ${what} in a stream of messages: each comes within ${lateMsMax} ms, in order, once`, async (t) => {
    const [first, second] = shared.nodes;
    const { alice, bob, conversationId } = await pairAcross(t, first, second);
    const devices = [
      new Arrivals(bob, conversationId),
      new Arrivals(await join(t, first, bob.user), conversationId),
      new Arrivals(await join(t, second, alice.user), conversationId),
    ];
    const sender = new Sender(alice, conversationId).begin({ lanes: 2, pauseMs: 20 });
    await until('some messages', () => sender.acked.size > 20);
    await happens(shared.cluster.redis);
    const acked = sender.acked.size;
    await until('more messages', () => sender.acked.size > acked + 50);
    await sender.stop();

    const history = await wholeHistory(bob, conversationId);
    assertDense(history);
    for (const device of devices) {
      await device.all(history);
      device.assertAre(history);
      const late = device.latestMs(sender.ackedAt);
      t.diagnostic(`${device.client.user}: the latest came ${late} ms after its ack`);
      assert.ok(late <= lateMsMax, `${late} ms`);
      assert.deepEqual(device.client.disconnects, []);
    }
    assert.deepEqual(sender.refusals, [], 'no send noticed it');
  });
}

/** Both nodes have their subscriptions again. */
async function relayed(pairOfPeople) {
  const { alice, bob, conversationId } = pairOfPeople;
  await until('messages at once again', async () => {
    const sent = await alice.send(conversationId, 'are we there yet');
    return bob.event('newMessage', ({ id }) => id === sent.id, 200).catch(() => false);
  }, 15_000);
}

test('the last message, after which nothing is sent, was lost on its way into Redis', async (t) => {
  const [first, second] = shared.nodes;
  const { redis } = shared.cluster;
  for (let round = 0; round < 3; round += 1) {
    const people = await pairAcross(t, first, second);
    await relayed(people);
    // It lies in the socket of a Redis that will not read it any more.
    await redis.freeze();
    const sent = await people.alice.send(people.conversationId, 'the last');
    await redis.kill9();
    await redis.restart();
    await people.bob.event('newMessage', ({ id }) => id === sent.id, lateMsMax);
  }
});

test('the last message was published while the other node had no subscription', async (t) => {
  const [first, second] = shared.nodes;
  const { redis } = shared.cluster;
  const people = await pairAcross(t, first, second);
  for (let round = 0; round < 10; round += 1) {
    await relayed(people);
    await redis.command(...killPubSub);
    const sent = await people.alice.send(people.conversationId, `the last of round ${round}`);
    await people.bob.event('newMessage', ({ id }) => id === sent.id, lateMsMax);
  }
});

test('without Redis people connect, open, send and read, on one node at once and on two in time', async (t) => {
  const [first, second] = shared.nodes;
  const { redis } = shared.cluster;
  const old = await pairAcross(t, first, second);
  await redis.kill9();
  try {
    const [carolName, daveName] = newUsers('carol', 'dave');
    const began = performance.now();
    const carol = await join(t, first, carolName);
    const dave = await join(t, first, daveName);
    const daveElsewhere = await join(t, second, daveName);
    t.diagnostic(`three connects without Redis: ${Math.round(performance.now() - began)} ms`);
    const { id } = await carol.request('openConversation', { userId: daveName });
    for (const [alice, bob, conversationId, elsewhere] of [
      [carol, dave, id, daveElsewhere],
      [old.alice, await join(t, first, old.bob.user), old.conversationId, old.bob],
    ]) {
      const sent = await alice.send(conversationId, 'without Redis');
      await bob.event('newMessage', (message) => message.id === sent.id, 500);
      await elsewhere.event('newMessage', (message) => message.id === sent.id, lateMsMax);
      assert.equal((await wholeHistory(elsewhere, conversationId)).at(-1).id, sent.id);
    }
    await carol.request('messageRead', { conversationId: id, messageId: (await dave.send(id, 'and back')).id });
    await daveElsewhere.event('messageStatus', undefined, lateMsMax);
  } finally {
    await redis.restart();
  }
  await relayed(old);
});

test('afterwards the tables are as they should be', () => shared.cluster.assertHealthy());
