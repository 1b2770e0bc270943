// The official client with a memory: every event that came, in order, and requests as promises.
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { tokenFor } from './token.mjs';
import { until, within } from './wait.mjs';

/** The three ways a client can travel. */
export const transports = {
  polling: ['polling'],
  websocket: ['websocket'],
  'polling with upgrade': ['polling', 'websocket'],
};

// The server answers OVERLOADED beyond 256 of one socket.
const underWayMax = 200;

export class Refused extends Error {
  constructor(event, error) {
    super(`${event} was refused: ${JSON.stringify(error)}`);
    this.error = error;
    this.code = error.code;
  }
}

export class Client {
  /** Every event as {event, data, offset, args}. `offset` only where the server sent one; `args` is all that came. */
  events = [];
  disconnects = [];
  connectErrors = [];

  constructor(socket, user) {
    this.socket = socket;
    this.user = user;
    socket.onAny((event, ...args) => this.events.push({ event, data: args[0], offset: args[1], args }));
    socket.on('disconnect', (reason) => this.disconnects.push(reason));
    socket.on('connect_error', (error) => this.connectErrors.push(error));
  }

  /** The ack as it came. */
  ack(event, ...args) {
    return within(15_000, `the ack of ${event}`, this.socket.emitWithAck(event, ...args));
  }

  /** The ack's data; throws Refused. */
  async request(event, payload) {
    const answer = await this.ack(event, payload);
    if (answer.ok !== true) {
      throw new Refused(event, answer.error);
    }
    return answer.data;
  }

  /** The error of a request that must fail. */
  async refusal(event, ...args) {
    const answer = await this.ack(event, ...args);
    if (answer.ok !== false) {
      throw new Error(`${event} was accepted: ${JSON.stringify(answer).slice(0, 200)}`);
    }
    return answer.error;
  }

  send(conversationId, content, clientMessageId = randomUUID()) {
    return this.request('sendMessage', { conversationId, content, clientMessageId });
  }

  /** Sends `count` messages, many at once but never more than the server lets one socket have under way; the acks in order. */
  async sendMany(conversationId, count, contentOf = (index) => `${index}`) {
    const acks = [];
    for (let from = 0; from < count; from += underWayMax) {
      const size = Math.min(underWayMax, count - from);
      acks.push(...(await Promise.all(Array.from({ length: size }, (_, index) => this.send(conversationId, contentOf(from + index))))));
    }
    return acks;
  }

  received(event) {
    return this.events.filter((one) => one.event === event);
  }

  get messages() {
    return this.received('newMessage').map(({ data }) => data);
  }

  /** The data of the first such event, past or to come. */
  async event(name, isIt = () => true, ms = 5_000) {
    const found = await until(
      `${name} at ${this.user}`,
      () => this.events.find(({ event, data }) => event === name && isIt(data)),
      ms,
    );
    return found.data;
  }

  /** Forgets what has come, so that the next wait is for something new. */
  forget() {
    this.events.length = 0;
  }

  connected(ms = 10_000) {
    return until(`the connection of ${this.user}`, () => this.socket.connected, ms);
  }

  /** Connected, and everything missed has come. */
  async synced(ms = 10_000) {
    await this.connected(ms);
    return this.event('synced', undefined, ms);
  }

  /** Breaks the link as a lost network does; the client comes back by itself. */
  breakLink() {
    this.socket.io.engine.close();
  }

  /** Breaks the link and stays away until comeBack(). */
  async goAway() {
    this.socket.io.reconnection(false);
    this.breakLink();
    await until('the end of the link', () => !this.socket.connected);
  }

  /** Resolves when everything missed has come. What had come before is forgotten. */
  async comeBack() {
    this.forget();
    this.socket.io.reconnection(true);
    this.socket.connect();
    await this.synced();
  }

  /** Leaves, and comes back to another node of the cluster. */
  async moveTo(server) {
    await this.goAway();
    this.socket.io.uri = server.url;
    await this.comeBack();
  }

  close() {
    this.socket.disconnect();
    this.socket.io.engine?.close();
  }
}

/** Does not wait for the connection. */
export function dial(server, user, { via = ['websocket'], auth = { token: tokenFor(user) }, ...options } = {}) {
  const socket = io(server.url, {
    forceNew: true,
    transports: via,
    auth,
    reconnectionDelay: 50,
    reconnectionDelayMax: 250,
    ...options,
  });
  return new Client(socket, user);
}

export async function connect(server, user, options) {
  const client = dial(server, user, options);
  await Promise.race([client.synced(), refused(client)]);
  return client;
}

function refused(client) {
  return new Promise((_, reject) => {
    client.socket.once('connect_error', (error) => {
      if (!client.socket.active) {
        reject(new Error(`${client.user} was refused: ${error.message} ${JSON.stringify(error.data)}`));
      }
    });
  });
}
