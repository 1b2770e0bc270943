// Somebody who sends without pause and does not give up: what had no answer, or one that allows it, is sent again with the same
// clientMessageId.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sleep } from './wait.mjs';

export class Sender {
  /** clientMessageId → the acked message. */
  acked = new Map();
  /** id of the message → when its ack came. */
  ackedAt = new Map();
  /** Codes of the refusals that came in between. */
  refusals = [];

  constructor(client, conversationId) {
    this.client = client;
    this.conversationId = conversationId;
  }

  /** `lanes` messages at a time, each lane with a pause after each of its messages. */
  begin({ lanes = 4, pauseMs = 0 } = {}) {
    this.isStopped = false;
    this.lanes = Promise.all(Array.from({ length: lanes }, () => this.lane(pauseMs)));
    // Reported by stop(), which may be far away.
    this.lanes.catch(() => {});
    return this;
  }

  async lane(pauseMs) {
    while (!this.isStopped) {
      await this.deliver(randomUUID());
      if (pauseMs > 0) {
        await sleep(pauseMs);
      }
    }
  }

  async deliver(clientMessageId) {
    const payload = { conversationId: this.conversationId, content: `content of ${clientMessageId}`, clientMessageId };
    for (;;) {
      const answer = await this.attempt(payload);
      if (answer?.ok) {
        this.record(clientMessageId, answer.data);
        return;
      }
      if (answer) {
        assert.equal(answer.error.retryable, true, `refused for good: ${JSON.stringify(answer.error)}`);
        this.refusals.push(answer.error.code);
      }
      await sleep(20);
    }
  }

  /** Undefined where the link broke or no answer came. */
  async attempt(payload) {
    if (!this.client.socket.connected) {
      return undefined;
    }
    try {
      return await this.client.socket.timeout(15_000).emitWithAck('sendMessage', payload);
    } catch {
      return undefined;
    }
  }

  record(clientMessageId, message) {
    assert.ok(!this.acked.has(clientMessageId));
    this.acked.set(clientMessageId, message);
    this.ackedAt.set(message.id, performance.now());
  }

  /** Resolves when everything that was begun is answered. */
  stop() {
    this.isStopped = true;
    return this.lanes;
  }

  /** Every acked message is in the history, unchanged but for its status, and nothing else is. */
  assertStored(history) {
    const byId = new Map(history.map((message) => [message.id, message]));
    for (const acked of this.acked.values()) {
      const stored = byId.get(acked.id);
      assert.ok(stored, `message ${acked.seq} was acked and is not in the history`);
      assert.deepEqual({ ...stored, status: acked.status }, acked);
    }
    const own = history.filter(({ authorId }) => authorId === this.client.user);
    assert.equal(own.length, this.acked.size, 'nothing twice under another id');
  }
}
