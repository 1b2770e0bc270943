// What a device was sent of one conversation: that it is everything, in order and once, and how late it came.
import assert from 'node:assert/strict';
import { until } from '../../integration/lib/wait.mjs';

/** G4: how late a committed message may be, whatever happened to Redis or to the node that stored it. */
export const lateMsMax = 5_000;

export class Arrivals {
  /** Message id → when it came first. */
  at = new Map();
  /** All that came, in the order in which it came. */
  messages = [];

  constructor(client, conversationId) {
    this.client = client;
    this.conversationId = conversationId;
    client.socket.on('newMessage', (message) => {
      if (message.conversationId !== conversationId) {
        return;
      }
      this.messages.push(message);
      if (!this.at.has(message.id)) {
        this.at.set(message.id, performance.now());
      }
    });
  }

  /** All of these have come; the last in time. */
  all(messages, ms = lateMsMax) {
    return until(
      `${messages.length} messages at ${this.client.user}, of which ${this.at.size} are there`,
      () => messages.every(({ id }) => this.at.has(id)),
      ms,
    );
  }

  /** Exactly these, as ordered by seq, each once. */
  assertAre(messages) {
    assert.deepEqual(
      this.messages.map(({ seq }) => seq),
      messages.map(({ seq }) => seq),
      `in order and once at ${this.client.user}`,
    );
  }

  /** The longest time between an ack (id → when) and the arrival here. */
  latestMs(ackedAt) {
    return Math.round(Math.max(0, ...[...ackedAt].map(([id, acked]) => (this.at.get(id) ?? Infinity) - acked)));
  }
}
