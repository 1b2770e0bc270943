// deploy/haproxy/haproxy.cfg in front of two nodes: clients of every transport stay on their node, and when it drains or dies they come
// to the other one without a refusal. The nodes share nothing here: it is the proxy that is judged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { freePorts } from '../../integration/lib/ports.mjs';
import { Server } from '../../integration/lib/server.mjs';
import { until } from '../../integration/lib/wait.mjs';
import { pathOf } from '../lib/repository.mjs';

const { io } = createRequire(new URL('../../integration/package.json', import.meta.url))('socket.io-client');

const kinds = { websocket: ['websocket'], polling: ['polling'], upgraded: ['polling', 'websocket'] };
const clientsOfAKind = 8;
// The official client's pause before it comes back is 0.5 to 1.5 s the first time; haproxy notices a dead node within 2 s.
const moveMs = 15_000;

let nodes;
let proxy;
let proxyUrl;
const clients = [];

before(async () => {
  nodes = await Promise.all(
    [0, 1].map(() => Server.prepare({ env: { DRAIN_SECONDS: '3', TRUSTED_PROXIES: '127.0.0.0/8', RATE_LIMITS: 'on' } })),
  );
  await Promise.all(nodes.map((node) => node.start()));
  const [port, statsPort] = await freePorts(2);
  proxyUrl = `http://127.0.0.1:${port}`;
  proxy = spawn('haproxy', ['-q', '-db', '-f', pathOf('deploy/haproxy/haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      MESSAGING_BIND: `127.0.0.1:${port}`,
      STATS_BIND: `127.0.0.1:${statsPort}`,
      NODE_1: `127.0.0.1:${nodes[0].port}`,
      NODE_1_ADMIN_PORT: String(nodes[0].adminPort),
      NODE_2: `127.0.0.1:${nodes[1].port}`,
      NODE_2_ADMIN_PORT: String(nodes[1].adminPort),
    },
  });
  await until('the proxy', () => fetch(`${proxyUrl}/socket.io/?EIO=4&transport=polling`).then(({ ok }) => ok, () => false));
});

after(async () => {
  for (const { socket } of clients) socket.disconnect();
  proxy?.kill('SIGKILL');
  await Promise.all(nodes?.map((node) => node.discard()) ?? []);
});

function connect(kind, index) {
  const user = `${kind}-${index}`;
  const client = { kind, refusals: [], breaks: [], transports: kinds[kind] };
  client.socket = io(proxyUrl, {
    transports: kinds[kind],
    forceNew: true,
    // From many addresses, as clients come.
    agent: new http.Agent({ localAddress: `127.0.0.${10 + index}` }),
    auth: (send) => send({ token: nodes[0].token(user) }),
  });
  client.socket.on('connect_error', (error) => client.refusals.push(error.message));
  client.socket.on('disconnect', (reason) => client.breaks.push(reason));
  clients.push(client);
}

const isConnected = ({ socket, transports }) => socket.connected && socket.io.engine.transport.name === transports.at(-1);

async function connectionsOf(node) {
  const text = await (await fetch(`${node.adminUrl}/metrics`)).text();
  return Number(/^messaging_connections (\d+)$/m.exec(text)[1]);
}

/** Every client is connected in its last transport, and `on` alone or together have them all. */
async function settled(on) {
  const isSettled = async () => {
    const counts = await Promise.all(on.map(connectionsOf));
    return counts.reduce((sum, count) => sum + count) === clients.length && clients.every(isConnected);
  };
  await until('every client to be connected', isSettled, moveMs).catch((error) => {
    const lost = clients.filter((client) => !isConnected(client)).map(({ kind, refusals, breaks }) => ({ kind, refusals, breaks }));
    throw new Error(`${error.message}: ${JSON.stringify(lost)}`);
  });
}

test('clients of every transport connect at once, and stay where they are', async () => {
  for (const kind of Object.keys(kinds)) for (let i = 0; i < clientsOfAKind; ++i) connect(kind, i);
  await settled(nodes);
  assert.deepEqual(clients.flatMap(({ refusals, breaks }) => [...refusals, ...breaks]), []);
  const counts = await Promise.all(nodes.map(connectionsOf));
  assert.ok(Math.min(...counts) > 0, `both nodes have clients: ${counts}`);
});

test('a client that says who it is is not believed: the node sees the address that the proxy saw', async () => {
  const answer = await fetch(`${proxyUrl}/socket.io/?EIO=4&transport=polling`, { headers: { 'X-Forwarded-For': '192.0.2.7' } });
  const { sid } = JSON.parse((await answer.text()).slice(1));
  const url = `${proxyUrl}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  await fetch(url, { method: 'POST', body: '40{"token":"no token"}' });
  await (await fetch(url)).text();
  const refused = await until('the log line', () => [...nodes[0].logLines, ...nodes[1].logLines].find((line) => line.includes('connection.refused')));
  assert.equal(JSON.parse(refused).remote_address, '127.0.0.1');
});

test('a node drains: its clients come to the other one, and none is refused', async () => {
  assert.equal(await nodes[0].stop(), 0);
  await settled([nodes[1]]);
  assert.deepEqual(clients.flatMap(({ refusals }) => refusals), []);
  for (const { breaks } of clients) assert.ok(breaks.every((reason) => reason === 'transport close'), `${breaks}`);
});

test('a node dies: its clients come to the other one', async () => {
  // The proxy may not have noticed yet that it is back: then clients try once more.
  await nodes[0].start();
  await nodes[1].kill9();
  await settled([nodes[0]]);
});
