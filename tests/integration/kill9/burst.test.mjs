import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { join, ownServer } from '../lib/fixture.mjs';
import { assertDense, assertOnce, wholeHistory } from '../lib/history.mjs';
import { sleep } from '../lib/wait.mjs';

const rounds = Number(process.env.KILL9_ROUNDS ?? 50);

/**
 * Sends until it is stopped, a few at a time, each with its own clientMessageId. What had no answer when the link broke is sent
 * again with the same one.
 */
class Sender {
  acked = new Map();
  unanswered = new Map();
  isStopped = false;

  constructor(client, conversationId) {
    this.client = client;
    this.conversationId = conversationId;
    client.socket.on('connect', () => this.repeat());
  }

  begin(lanes) {
    return Promise.all(Array.from({ length: lanes }, () => this.lane()));
  }

  async lane() {
    while (!this.isStopped) {
      if (!this.client.socket.connected) {
        await sleep(2);
        continue;
      }
      const clientMessageId = randomUUID();
      this.unanswered.set(clientMessageId, `content of ${clientMessageId}`);
      await this.attempt(clientMessageId);
    }
  }

  async repeat() {
    await Promise.all([...this.unanswered.keys()].map((id) => this.attempt(id)));
  }

  async attempt(clientMessageId) {
    const content = this.unanswered.get(clientMessageId);
    const payload = { conversationId: this.conversationId, content, clientMessageId };
    try {
      const answer = await this.client.socket.timeout(3_000).emitWithAck('sendMessage', payload);
      if (answer.ok) {
        this.record(clientMessageId, answer.data);
      }
    } catch {
      // The link broke: repeated at the next connect.
    }
  }

  record(clientMessageId, message) {
    const known = this.acked.get(clientMessageId);
    if (known) {
      assert.equal(message.id, known.id, 'a retry is answered with the same message');
    }
    this.acked.set(clientMessageId, message);
    this.unanswered.delete(clientMessageId);
  }
}

test(`${rounds} times kill -9 in a burst of sends: every acked message is there once and in order`, async (t) => {
  const server = await ownServer(t);
  const alice = await join(t, server, 'alice', { reconnectionDelay: 10, reconnectionDelayMax: 30 });
  const bob = await join(t, server, 'bob', { reconnectionDelay: 10, reconnectionDelayMax: 30 });
  const { id: conversationId } = await alice.request('openConversation', { userId: 'bob' });
  const sender = new Sender(alice, conversationId);
  const sending = sender.begin(8);

  for (let round = 0; round < rounds; round += 1) {
    const ackedBefore = sender.acked.size;
    while (sender.acked.size < ackedBefore + 5) {
      await sleep(2);
    }
    // At another place of the batch each time.
    await sleep(Math.random() * 40);
    await server.restart({ how: 'kill9' });
  }
  sender.isStopped = true;
  await sending;
  await alice.connected();
  await sender.repeat();
  assert.equal(sender.unanswered.size, 0, 'after the last start every message is answered');

  const history = await wholeHistory(alice, conversationId);
  assertDense(history);
  assertOnce(history);
  const byId = new Map(history.map((message) => [message.id, message]));
  for (const acked of sender.acked.values()) {
    const stored = byId.get(acked.id);
    assert.ok(stored, `message ${acked.seq} was acked and is not in the history`);
    assert.deepEqual({ ...stored, status: acked.status }, acked);
  }
  assert.equal(history.length, sender.acked.size, 'nothing twice under another id');

  await bob.connected();
  const last = await alice.send(conversationId, 'the last');
  await bob.event('newMessage', ({ id }) => id === last.id, 10_000);
  const received = bob.messages.map(({ seq }) => seq);
  const unique = received.filter((seq, index) => received.indexOf(seq) === index);
  assert.deepEqual(unique, Array.from({ length: history.length + 1 }, (_, index) => index + 1), 'bob missed nothing');
  assert.deepEqual(received, unique, 'once per device');

  assert.equal(await server.stop(), 0);
  const doctor = await server.run('doctor');
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
});
