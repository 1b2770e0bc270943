// What nearly every test here begins with: PostgreSQL, Redis and nodes over them, for all tests of a file.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { join, newUsers } from '../../integration/lib/fixture.mjs';
import { Server } from '../../integration/lib/server.mjs';
import { ConnectionsService } from './connections_service.mjs';
import { Postgres } from './postgres.mjs';
import { Redis } from './redis.mjs';

/** All of them, also where one fails, so that what has started can be ended. */
async function settled(promises) {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
  }
}

export class Cluster {
  nodes = [];

  /**
   * `Redis`: the class of what REDIS_URL names, or null for none. `withConnections`: a Connections service of the test's own, else
   * everybody is connected. `env` goes to every node.
   */
  static async start({ nodes = 2, Redis: RedisKind = Redis, withConnections = false, env = {} } = {}) {
    const cluster = new Cluster();
    try {
      await settled([
        Postgres.start().then(async (postgres) => {
          cluster.postgres = postgres;
          cluster.databaseUrl = await postgres.createDatabase();
        }),
        RedisKind?.start().then((redis) => (cluster.redis = redis)),
        withConnections && ConnectionsService.start().then((service) => (cluster.connections = service)),
      ]);
      cluster.env = {
        DATABASE_URL: cluster.databaseUrl,
        REDIS_URL: cluster.redis?.url ?? 'none',
        CONNECTIONS_URL: cluster.connections?.url ?? 'open:',
        ...env,
      };
      for (let index = 0; index < nodes; index += 1) {
        await cluster.prepareNode();
      }
      // At once: in development each applies the migrations that it finds missing.
      await settled(cluster.nodes.map((node) => node.start()));
      return cluster;
    } catch (error) {
      await cluster.discard();
      throw error;
    }
  }

  async prepareNode(env = {}) {
    const node = await Server.prepare({ env: { ...this.env, ...env } });
    this.nodes.push(node);
    return node;
  }

  async addNode(env) {
    const node = await this.prepareNode(env);
    return node.start();
  }

  /** The rows of a statement in the nodes' database. */
  query(text, values) {
    return this.postgres.query(text, values, this.databaseUrl);
  }

  /** Every promise that the tables make, checked beside the running nodes. */
  async assertHealthy() {
    const { code, stdout, stderr } = await this.nodes[0].run('doctor');
    assert.equal(code, 0, stdout + stderr);
  }

  async discard() {
    await settled(this.nodes.map((node) => node.discard()));
    await settled([this.redis?.discard(), this.postgres?.discard(), this.connections?.discard()]);
  }
}

/** A cluster that runs for all tests of the file; filled in before the first test. */
export function sharedCluster(options, prepare) {
  const shared = {};
  before(async () => {
    shared.cluster = await Cluster.start(options);
    shared.nodes = shared.cluster.nodes;
    Object.assign(shared, await prepare?.(shared.cluster));
  });
  after(() => shared.cluster?.discard());
  return shared;
}

/** A cluster of this test's own. */
export async function ownCluster(t, options) {
  const cluster = await Cluster.start(options);
  t.after(() => cluster.discard());
  return cluster;
}

/** Two people with an open conversation, each on a node of their own. */
export async function pairAcross(t, aliceNode, bobNode, options) {
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await join(t, aliceNode, aliceName, options);
  const bob = await join(t, bobNode, bobName, options);
  const conversation = await alice.request('openConversation', { userId: bobName });
  for (const client of [alice, bob]) {
    await client.event('conversationUpdated', ({ id }) => id === conversation.id);
  }
  return { alice, bob, conversation, conversationId: conversation.id };
}
