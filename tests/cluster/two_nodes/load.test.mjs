import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newUsers } from '../../integration/lib/fixture.mjs';
import { connect } from '../../integration/lib/client.mjs';
import { assertDense, wholeHistory } from '../../integration/lib/history.mjs';
import { Arrivals } from '../lib/arrivals.mjs';
import { sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster();

const conversations = 50;
const messagesEach = 60;

/** One conversation between two of the people, each of whom is on both nodes. */
async function conversationOf([hers, hersToo], [his, hisToo]) {
  const { id } = await hers.request('openConversation', { userId: his.user });
  const witnesses = [hers, hersToo, his, hisToo].map((client) => new Arrivals(client, id));
  return { id, writers: [hers, his], witnesses };
}

test(`${conversations} conversations written on both nodes at once: one dense order each, the same everywhere`, async (t) => {
  const [first, second] = shared.nodes;
  // Few people in many conversations: their positions are advanced from both nodes all the time.
  const names = newUsers(...Array.from({ length: 11 }, (_, index) => `person-${index}`));
  const people = await Promise.all(
    names.map(async (name, index) => {
      const nodes = index % 2 ? [first, second] : [second, first];
      return Promise.all(nodes.map((node) => connect(node, name)));
    }),
  );
  t.after(() => people.flat().forEach((client) => client.close()));
  const pairs = people.flatMap((one, index) => people.slice(index + 1).map((other) => [one, other])).slice(0, conversations);
  assert.equal(pairs.length, conversations);
  const all = await Promise.all(pairs.map(([one, other]) => conversationOf(one, other)));

  const sending = performance.now();
  const sent = await Promise.all(
    all.map(async ({ id, writers }) => {
      const acks = [];
      for (let round = 0; round < messagesEach / 10; round += 1) {
        const batches = writers.map((writer) => Promise.all(Array.from({ length: 5 }, (_, i) => writer.send(id, `${round}.${i}`))));
        acks.push(...(await Promise.all(batches)).flat());
      }
      return acks.sort((one, other) => one.seq - other.seq);
    }),
  );
  t.diagnostic(`${conversations * messagesEach} messages in ${Math.round(performance.now() - sending)} ms`);

  for (const [index, { id, writers, witnesses }] of all.entries()) {
    const history = await wholeHistory(writers[index % 2], id);
    assertDense(history);
    assert.deepEqual(history.map((message) => message.id), sent[index].map((message) => message.id));
    for (const witness of witnesses) {
      const others = history.filter(({ authorId }) => !writers.includes(witness.client) || authorId !== witness.client.user);
      await witness.all(others);
      witness.assertAre(others);
    }
  }
  for (const client of people.flat()) {
    assert.deepEqual(client.disconnects, []);
  }
  await shared.cluster.assertHealthy();
});
