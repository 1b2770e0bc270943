// What nearly every test begins with: a server for the file, users of its own for each test, clients that are closed after it.
import { after, before } from 'node:test';
import { connect, dial } from './client.mjs';
import { Server } from './server.mjs';

let lastUser = 0;

/** Names that no other test uses, so that tests share a server without seeing each other. */
export function newUsers(...names) {
  lastUser += 1;
  return names.map((name) => `${name}-${lastUser}`);
}

/**
 * A server that runs for all tests of the file. The object is filled in before the first test, also with what `prepare` makes of
 * the server.
 */
export function sharedServer(options, prepare) {
  const shared = {};
  before(async () => {
    shared.server = await Server.start(options);
    Object.assign(shared, await prepare?.(shared.server));
  });
  after(async () => {
    await shared.server?.discard();
  });
  return shared;
}

/** A server of this test's own. */
export async function ownServer(t, options) {
  const server = await Server.prepare(options);
  t.after(() => server.discard());
  return server.start();
}

/** A connected client that is closed when the test ends. */
export async function join(t, server, user, options) {
  const client = await connect(server, user, options);
  t.after(() => client.close());
  return client;
}

/** The same without waiting for the connection. */
export function call(t, server, user, options) {
  const client = dial(server, user, options);
  t.after(() => client.close());
  return client;
}

/** Two people with an open conversation. */
export async function pair(t, server, options) {
  const [aliceName, bobName] = newUsers('alice', 'bob');
  const alice = await join(t, server, aliceName, options);
  const bob = await join(t, server, bobName, options);
  const conversation = await alice.request('openConversation', { userId: bobName });
  await bob.event('conversationUpdated', ({ id }) => id === conversation.id);
  await alice.event('conversationUpdated', ({ id }) => id === conversation.id);
  return { alice, bob, conversation, conversationId: conversation.id };
}
