// A Socket.IO server on Node with the official Redis adapter: another member of the cluster that messagingd is one of.
import { createServer } from 'node:http';
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Server as SocketServer } from 'socket.io';
import { freePorts } from '../../integration/lib/ports.mjs';
import { dial } from '../../integration/lib/client.mjs';
import { until } from '../../integration/lib/wait.mjs';

const adapters = { classic: createAdapter, sharded: createShardedAdapter };

// The adapter's own 5 s would hide whether somebody's answer came late or never.
export const requestsTimeoutMs = 5_000;

export class NodeMember {
  static async start(redis, kind = 'classic') {
    const member = new NodeMember();
    member.redis = redis;
    member.kind = kind;
    const others = await member.membersCount();
    member.clients = [await redis.client(), await redis.client()];
    const [publisher, subscriber] = member.clients;
    [member.port] = await freePorts(1);
    const server = createServer();
    member.io = new SocketServer(server, {
      adapter: adapters[kind](publisher, subscriber, { requestsTimeout: requestsTimeoutMs }),
    });
    // A client names the rooms that it wants to be in.
    member.io.on('connection', (socket) => socket.join(socket.handshake.auth.rooms ?? []));
    await new Promise((done) => server.listen(member.port, '127.0.0.1', done));
    await until('the subscriptions of the Node server', async () => (await member.membersCount()) > others);
    return member;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A client of this server, in these rooms. */
  async join(t, ...rooms) {
    const client = dial(this, `of Node in ${rooms}`, { auth: { rooms } });
    t.after(() => client.close());
    await client.connected();
    return client;
  }

  /** As Redis counts them: the subscribers of the channel that every member has. */
  membersCount() {
    return this.kind === 'sharded'
      ? this.redis.shardSubscribers('socket.io#/#')
      : this.redis.subscribers('socket.io-request#/#');
  }

  /** What is sent to the room comes here from now on; with the classic adapter everything does. */
  async holds(room) {
    if (this.kind === 'sharded') {
      await until(`the subscription to ${room}`, async () => (await this.redis.shardSubscribers(`socket.io#/#${room}#`)) === 2);
    }
  }

  async discard() {
    await this.io.close();
    // What the adapter takes back in the end is answered before the connections go.
    await Promise.all(this.clients.map((client) => client.close()));
  }
}
