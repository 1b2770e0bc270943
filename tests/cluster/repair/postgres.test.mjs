import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Sender } from '../../integration/lib/sender.mjs';
import { sleep, until } from '../../integration/lib/wait.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

/** From the moment that PostgreSQL answers again. */
const backWithinMs = 5_000;

const faults = {
  'is killed and started again': async (postgres) => {
    await postgres.kill9();
    await sleep(1_500);
    await postgres.restart();
  },
  'is restarted in an orderly way': async (postgres) => {
    await postgres.stop();
    await sleep(1_500);
    await postgres.restart();
  },
  // Longer than an operation may take.
  'stands still for 12 s': async (postgres) => {
    await postgres.freeze();
    await sleep(12_000);
    await postgres.thaw();
  },
  'drops all its connections': (postgres) =>
    postgres.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    ),
};

for (const [what, happens] of Object.entries(faults)) {
  test(`PostgreSQL ${what} in a stream of sends: links stay, nothing acked is lost, nothing is stored twice`, async (t) => {
    const [first, second] = shared.nodes;
    const { alice, bob, conversationId } = await pairAcross(t, first, second);
    const seen = new Arrivals(bob, conversationId);
    const senders = [new Sender(alice, conversationId).begin(), new Sender(bob, conversationId).begin()];
    const acked = () => senders.map((sender) => sender.acked.size);
    await until('some messages', () => acked().every((count) => count > 20));
    await happens(shared.cluster.postgres);
    const back = performance.now();
    const before = acked();
    await until('messages from both nodes again', () => acked().every((count, index) => count > before[index] + 20), 10_000);
    const took = Math.round(performance.now() - back);
    await Promise.all(senders.map((sender) => sender.stop()));
    const refused = senders.map(({ refusals }) => refusals.length);
    t.diagnostic(`sends worked again ${took} ms after PostgreSQL did; refused meanwhile: ${refused}`);

    for (const { client, refusals } of senders) {
      assert.deepEqual(client.disconnects, [], 'the link stayed');
      assert.deepEqual(refusals.filter((code) => code !== 'STORAGE_UNAVAILABLE'), []);
    }
    assert.ok(took <= backWithinMs, `${took} ms`);
    const history = await wholeHistory(alice, conversationId);
    assertDense(history);
    senders.forEach((sender) => sender.assertStored(history));
    const hers = history.filter(({ authorId }) => authorId === alice.user);
    await seen.all(hers);
    // Of his own, bob's device may hear of those whose commit was in doubt: read from the tables before the ack.
    const own = new Set(seen.messages.filter(({ authorId }) => authorId === bob.user).map(({ id }) => id));
    seen.assertAre(history.filter(({ id, authorId }) => authorId === alice.user || own.has(id)));
  });
}

test('without PostgreSQL everything that needs it is refused for now, and the nodes say that they are not ready', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  await shared.cluster.postgres.stop();
  try {
    for (const [event, payload] of [
      ['sendMessage', { conversationId, content: 'now' }],
      ['getMessages', { conversationId }],
      ['getConversations', {}],
    ]) {
      const error = await alice.refusal(event, payload);
      assert.equal(error.code, 'STORAGE_UNAVAILABLE', event);
      assert.equal(error.retryable, true);
    }
    for (const node of [first, second]) {
      await until('not ready', () => node.unreadyReasons(), 15_000);
      assert.equal((await fetch(`${node.adminUrl}/healthz`)).status, 200);
    }
  } finally {
    await shared.cluster.postgres.restart();
  }
  for (const node of [first, second]) {
    await until('ready again', () => node.isReady(), 15_000);
  }
  const sent = await alice.send(conversationId, 'again');
  await bob.event('newMessage', ({ id }) => id === sent.id);
  assert.deepEqual([...alice.disconnects, ...bob.disconnects], []);
});

test('a PostgreSQL that takes no writes: the nodes are not ready and say why, and recover by themselves', async (t) => {
  const [first, second] = shared.nodes;
  const { postgres } = shared.cluster;
  const { alice, conversationId } = await pairAcross(t, first, second);
  const sent = await alice.send(conversationId, 'before');
  const readOnly = async (value) => {
    await postgres.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await postgres.query('SELECT pg_reload_conf()');
  };
  await readOnly('on');
  try {
    // A server that takes no writes may be about to be replaced by one that does: a write waits for its 10 s.
    const refusal = async () => {
      const answer = await alice.ack('sendMessage', { conversationId, content: 'during' });
      return !answer.ok && answer.error.code === 'STORAGE_UNAVAILABLE';
    };
    await until('a refusal', refusal, 15_000);
    assert.equal((await wholeHistory(alice, conversationId))[0].id, sent.id, 'what needs no write goes on');
    for (const node of [first, second]) {
      const reasons = await until('not ready', () => node.unreadyReasons(), 15_000);
      assert.match(reasons, /read.?only/i);
    }
  } finally {
    await readOnly('off');
  }
  await until('ready again', async () => (await first.isReady()) && (await second.isReady()), 15_000);
  await alice.send(conversationId, 'after');
});

test('who connects while PostgreSQL is away is served when it is back', async (t) => {
  const [first] = shared.nodes;
  const [name] = newUsers('early');
  await shared.cluster.postgres.stop();
  const joining = join(t, first, name);
  joining.catch(() => {});
  await sleep(1_000);
  await shared.cluster.postgres.restart();
  const client = await joining;
  await client.request('getConversations', {});
});

test('afterwards the tables are as they should be', () => shared.cluster.assertHealthy());
