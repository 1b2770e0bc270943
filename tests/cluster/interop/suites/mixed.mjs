// A messagingd and a Node server with the official adapter as members of one cluster, with people on the former.
import { after } from 'node:test';
import { join, newUsers } from '../../../integration/lib/fixture.mjs';
import { sharedCluster } from '../../lib/cluster.mjs';
import { NodeMember } from '../../lib/node_member.mjs';

/** `kind`: the adapter's, classic or sharded. `options`: as of a cluster. */
export function mixedCluster(kind, options) {
  const shared = {};
  // Before the cluster's own hook: the Node server says goodbye to a Redis that is still there.
  after(() => shared.node?.discard());
  sharedCluster({ nodes: 1, env: { REDIS_ADAPTER: kind }, ...options }, async (cluster) => {
    shared.cluster = cluster;
    [shared.messagingd] = cluster.nodes;
    shared.node = await NodeMember.start(cluster.redis, kind);
  });
  return shared;
}

/** A person with a device on messagingd; their room. */
export async function person(t, { messagingd }, name, options) {
  const [user] = newUsers(name);
  const client = await join(t, messagingd, user, options);
  return { client, user, room: `user:${user}`, id: client.socket.id };
}

/** The arguments of the one event of this name. */
export async function argumentsOf(client, name, ms = 2_000) {
  await client.event(name, undefined, ms);
  const [event, ...more] = client.received(name);
  if (more.length > 0) {
    throw new Error(`${name} came ${more.length + 1} times`);
  }
  return event.args;
}

/** Nothing of this name has come when something that `emit` sent later has. */
export async function nothingCame(emit, client, name) {
  const marker = `after ${name} ${Math.random()}`;
  emit(marker, 1);
  await client.event(marker);
  if (client.received(name).length > 0) {
    throw new Error(`${name} came to ${client.user}`);
  }
}
