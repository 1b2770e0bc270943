// Redis servers of the test's own: a single one, and a Redis Cluster of three masters. Nothing is kept on disk.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, createCluster } from 'redis';
import { freePorts } from '../../integration/lib/ports.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { Child } from './child.mjs';

// The Node adapter leaves a publish that timed out uncaught, so commands must not time out.
const withoutTimeout = { timeout: undefined };

export class Redis {
  static async start(settings = []) {
    const folder = await mkdtemp(join(tmpdir(), 'messagingd-redis-'));
    const [port] = await freePorts(1);
    const redis = new Redis();
    redis.folder = folder;
    redis.port = port;
    redis.child = new Child(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...settings],
      { cwd: folder },
    );
    await redis.restart();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A client as a Node server has it, connected. It reconnects by itself. */
  async client() {
    const client = createClient({ url: this.url, ...withoutTimeout });
    // Errors of the link are expected here; those of commands reject.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** One command over a connection of its own. */
  async command(...args) {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  /** How many connections subscribe to the channel. */
  async subscribers(channel) {
    const [, count] = await this.command('PUBSUB', 'NUMSUB', channel);
    return Number(count);
  }

  async shardSubscribers(channel) {
    const [, count] = await this.command('PUBSUB', 'SHARDNUMSUB', channel);
    return Number(count);
  }

  /** After kill9(). */
  restart() {
    return this.child.start(() =>
      this.command('PING').then(
        () => true,
        () => false,
      ),
    );
  }

  kill9() {
    return this.child.end('SIGKILL');
  }

  freeze() {
    return this.child.signalAll('SIGSTOP');
  }

  thaw() {
    return this.child.signalAll('SIGCONT');
  }

  async discard() {
    await this.kill9();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class RedisCluster {
  static async start() {
    const cluster = new RedisCluster();
    const busPorts = await freePorts(3);
    cluster.masters = await Promise.all(
      busPorts.map((port) =>
        Redis.start(['--cluster-enabled', 'yes', '--cluster-port', String(port), '--cluster-node-timeout', '5000']),
      ),
    );
    const addresses = cluster.masters.map(({ port }) => `127.0.0.1:${port}`);
    await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    await until('the Redis Cluster to agree', async () => {
      const states = await Promise.all(cluster.masters.map((master) => master.command('CLUSTER', 'INFO')));
      return states.every((state) => state.includes('cluster_state:ok'));
    }, 30_000);
    return cluster;
  }

  get url() {
    return this.masters.map(({ url }) => url).join(',');
  }

  async client() {
    const client = createCluster({
      rootNodes: this.masters.map(({ url }) => ({ url })),
      defaults: withoutTimeout,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** One command, at the owner of the key that it names first. */
  async command(...args) {
    const client = await this.client();
    try {
      return await client.sendCommand(args[1], false, args);
    } finally {
      client.destroy();
    }
  }

  async shardSubscribers(channel) {
    const counts = await Promise.all(this.masters.map((master) => master.shardSubscribers(channel)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async discard() {
    await Promise.all(this.masters.map((master) => master.discard()));
  }
}
