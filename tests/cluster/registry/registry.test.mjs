import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

/** A dead node's sockets are gone from the register by then. */
const reapedWithinMs = 30_000;

async function registered(user) {
  return (await shared.cluster.redis.command('SMEMBERS', `user:sockets:${user}`)).map(String).sort();
}

const idsOf = (...clients) => clients.map(({ socket }) => socket.id).sort();

/** The register holds exactly these devices of the user. */
function registerHolds(user, clients, ms = 5_000) {
  const expected = JSON.stringify(idsOf(...clients));
  return until(
    `user:sockets:${user} to be ${expected}`,
    async () => JSON.stringify(await registered(user)) === expected,
    ms,
  );
}

test('user:sockets:<userId> holds the ids of exactly the sockets that are connected, on all nodes', async (t) => {
  const [first, second] = shared.nodes;
  const [name] = newUsers('alice');
  const phone = await join(t, first, name);
  const tablet = await join(t, second, name);
  const desktop = await join(t, second, name, { via: ['polling'] });
  await registerHolds(name, [phone, tablet, desktop]);
  tablet.close();
  await registerHolds(name, [phone, desktop]);
  const before = phone.socket.id;
  await phone.goAway();
  await registerHolds(name, [desktop]);
  await phone.comeBack();
  assert.notEqual(phone.socket.id, before);
  await registerHolds(name, [phone, desktop]);
  phone.close();
  desktop.close();
  await until('no key at all', async () => (await shared.cluster.redis.command('EXISTS', `user:sockets:${name}`)) === 0);
});

test('two hundred devices that come and go at once leave exactly those that stayed', async (t) => {
  const names = newUsers(...Array.from({ length: 20 }, (_, index) => `user-${index}`));
  const devices = await Promise.all(
    names.flatMap((name, user) =>
      Array.from({ length: 10 }, async (_, index) => ({ name, client: await join(t, shared.nodes[(user + index) % 2], name) })),
    ),
  );
  const stay = devices.filter((_, index) => index % 3 === 0);
  for (const device of devices) {
    if (!stay.includes(device)) {
      device.client.close();
    }
  }
  for (const name of names) {
    await registerHolds(name, stay.filter((device) => device.name === name).map(({ client }) => client));
  }
});

test('the sockets of a node that was killed are taken out by another', async (t) => {
  const [first, second] = shared.nodes;
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const stay = await join(t, first, aliceName);
  await join(t, second, aliceName, { reconnection: false });
  await join(t, second, bobName, { reconnection: false });
  await until('three sockets', async () => (await registered(aliceName)).length === 2 && (await registered(bobName)).length === 1);
  await second.kill9();
  const killed = performance.now();
  await registerHolds(aliceName, [stay], reapedWithinMs);
  await registerHolds(bobName, [], reapedWithinMs);
  t.diagnostic(`reaped after ${Math.round(performance.now() - killed)} ms`);
  await second.start();
  await registerHolds(aliceName, [stay]);
});

test('a node that is stopped in an orderly way takes its sockets out itself', async (t) => {
  const [first, second] = shared.nodes;
  const [name] = newUsers('alice');
  const stay = await join(t, first, name);
  await join(t, second, name, { reconnection: false });
  assert.equal(await second.stop(), 0);
  await registerHolds(name, [stay], 2_000);
  await second.start();
});

test('after FLUSHALL, and after a Redis that was killed, every node adds what it holds again', async (t) => {
  const [first, second] = shared.nodes;
  const { redis } = shared.cluster;
  const [name] = newUsers('alice');
  const devices = [await join(t, first, name), await join(t, second, name)];
  await registerHolds(name, devices);
  await redis.command('FLUSHALL');
  await registerHolds(name, devices, 10_000);
  await redis.kill9();
  // Comes and goes while nobody keeps the register.
  devices.push(await join(t, second, name));
  devices.shift().close();
  await redis.restart();
  await registerHolds(name, devices, 15_000);
});

test('a node that Redis took for dead because it stood still is complete again', async (t) => {
  const [first, second] = shared.nodes;
  const [name] = newUsers('alice');
  const devices = [await join(t, first, name), await join(t, second, name)];
  second.freeze();
  await registerHolds(name, [devices[0]], reapedWithinMs);
  second.thaw();
  await registerHolds(name, devices, 10_000);
});

test('all nodes were killed: the first that starts takes out what they left', async (t) => {
  const [first, second] = shared.nodes;
  const [name] = newUsers('alice');
  for (const node of [first, second]) {
    await join(t, node, name, { reconnection: false });
  }
  await until('two sockets', async () => (await registered(name)).length === 2);
  await Promise.all([first.kill9(), second.kill9()]);
  await first.start();
  await registerHolds(name, [], reapedWithinMs);
  const alice = await join(t, first, name);
  await registerHolds(name, [alice]);
  await second.start();
});
