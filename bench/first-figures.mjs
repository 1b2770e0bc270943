// First figures of a running messagingd: memory of an idle connection, CPU of a message. Raw WebSocket frames, everything checked.
//   node bench/first-figures.mjs <path of messagingd>
// Starts its own server (RATE_LIMITS=off, open: connections, HS256 tokens) on free ports with a database in a temporary folder, or
// with the DATABASE_URL and REDIS_URL of its environment. PostgreSQL's and Redis's processes on this machine are then counted, too.
// Needs the packages of tests/integration (npm ci there).
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../tests/integration/package.json', import.meta.url));
const { WebSocket } = require('ws');

const binary = process.argv[2] ?? 'build/release/messagingd';
const pairs = Number(process.env.PAIRS ?? 50);
const outstanding = Number(process.env.OUTSTANDING ?? 8);
const seconds = Number(process.env.SECONDS ?? 10);
const idle = Number(process.env.IDLE ?? 5000);
const secret = 'first-figures-secret-of-32-bytes-or-more';
const port = Number(process.env.PORT ?? 23900);

const b64 = (value) => Buffer.from(value).toString('base64url');
function token(sub) {
  const head = b64(JSON.stringify({ alg: 'HS256', typ: 'JWT' }));
  const now = Math.floor(Date.now() / 1000);
  const body = b64(JSON.stringify({ sub, iat: now, exp: now + 3600 }));
  return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
}

const folder = mkdtempSync(join(tmpdir(), 'messagingd-figures-'));
const server = spawn(binary, ['serve'], {
  env: {
    ...process.env, HOST: '127.0.0.1', PORT: String(port), GRPC_PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'warn', RATE_LIMITS: 'off',
    DATABASE_URL: process.env.DATABASE_URL ?? `sqlite:${join(folder, 'messaging.db')}`, CONNECTIONS_URL: 'open:', JWT_SECRET: secret,
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const stat = () => {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { user: Number(fields[11]) * 10_000, system: Number(fields[12]) * 10_000 };
};
/** CPU in microseconds of all processes of these names; of ended children, too, which backends are. */
function cpuOf(names) {
  let total = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      if (names.includes(name)) total += (Number(rest.split(' ')[11]) + Number(rest.split(' ')[12])) * 10_000;
    } catch { /* it has ended */ }
  }
  return total;
}
const rssKiB = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Client {
  constructor(user, address) {
    this.user = user;
    this.acks = new Map();
    this.nextAck = 0;
    this.ready = new Promise((resolve, reject) => {
      this.ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { localAddress: address, perMessageDeflate: false });
      this.ws.on('error', reject);
      this.ws.on('message', (data) => {
        const text = data.toString();
        if (text[0] === '0') this.ws.send(`40${JSON.stringify({ token: token(user) })}`);
        else if (text === '2') this.ws.send('3');
        else if (text.startsWith('44')) reject(new Error(text));
        else if (text.startsWith('42["synced"')) resolve();
        else if (text.startsWith('42["newMessage"')) this.onMessage?.(text);
        else if (text.startsWith('43')) {
          const bracket = text.indexOf('[');
          const id = Number(text.slice(2, bracket));
          const done = this.acks.get(id);
          this.acks.delete(id);
          done?.(text.slice(bracket));
        }
      });
    });
  }
  emit(json, done) {
    const id = this.nextAck++;
    this.acks.set(id, done);
    this.ws.send(`42${id}${json}`);
  }
  call(json) {
    return new Promise((resolve) => this.emit(json, (text) => resolve(JSON.parse(text)[0])));
  }
}

async function chat() {
  const clients = [];
  for (let i = 0; i < pairs * 2; ++i) clients.push(new Client(`user${i}`));
  await Promise.all(clients.map((client) => client.ready));
  let delivered = 0;
  let acked = 0;
  let faults = 0;
  let stopping = false;
  const content = 'x'.repeat(100);
  for (let i = 0; i < pairs; ++i) {
    const [one, other] = [clients[2 * i], clients[2 * i + 1]];
    const opened = await one.call(JSON.stringify(['openConversation', { userId: other.user }]));
    const json = JSON.stringify(['sendMessage', { conversationId: opened.data.id, content }]);
    for (const client of [one, other]) {
      let last = 0;
      client.onMessage = (text) => {
        const seq = Number(/"seq":(\d+)/.exec(text)[1]);
        if (seq <= last) ++faults;
        last = seq;
        ++delivered;
      };
      const again = (text) => {
        if (text !== undefined) {
          if (!text.startsWith('[{"ok":true')) ++faults;
          ++acked;
        }
        if (!stopping) client.emit(json, again);
      };
      client.begin = () => { for (let k = 0; k < outstanding; ++k) again(); };
    }
  }
  for (const client of clients) client.begin();
  await sleep(2000);
  const others = () => ({ postgres: cpuOf(['postgres']), redis: cpuOf(['redis-server']) });
  const [before, othersBefore, deliveredBefore, at] = [stat(), others(), delivered, process.hrtime.bigint()];
  await sleep(seconds * 1000);
  const [after, othersAfter, count] = [stat(), others(), delivered - deliveredBefore];
  const elapsed = Number(process.hrtime.bigint() - at) / 1e9;
  stopping = true;
  for (let waited = 0; waited < 10_000 && acked !== delivered; waited += 100) await sleep(100);
  await sleep(500);
  if (acked !== delivered) ++faults;
  console.log(`chat ${pairs} x ${outstanding}: ${(count / elapsed).toFixed(0)} delivered/s, server CPU ${((after.user + after.system - before.user - before.system) / count).toFixed(2)} us/message ` +
    `(user ${((after.user - before.user) / count).toFixed(2)}, system ${((after.system - before.system) / count).toFixed(2)}), acked ${acked}, delivered ${delivered}, faults ${faults}`);
  for (const name of ['postgres', 'redis']) {
    const used = othersAfter[name] - othersBefore[name];
    if (used > 0) console.log(`  ${name} CPU ${(used / count).toFixed(2)} us/message`);
  }
  for (const client of clients) client.ws.terminate();
  await sleep(500);
  return faults;
}

async function idleConnections() {
  const before = rssKiB();
  const clients = [];
  for (let i = 0; i < idle; i += 50) {
    const batch = [];
    for (let k = i; k < Math.min(i + 50, idle); ++k) batch.push(new Client(`idle${k}`, `127.0.0.${2 + (k % 8)}`));
    await Promise.all(batch.map((client) => client.ready));
    clients.push(...batch);
  }
  await sleep(1000);
  console.log(`idle ${idle}: ${((rssKiB() - before) / idle).toFixed(2)} KiB RSS per connection (from ${before} to ${rssKiB()} KiB)`);
  for (const client of clients) client.ws.terminate();
}

let faults = 0;
try {
  for (let i = 0; i < 100; ++i) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    if (up) break;
    await sleep(50);
  }
  if (idle > 0) await idleConnections();
  if (pairs > 0) faults = await chat();
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.on('exit', resolve));
  rmSync(folder, { recursive: true });
}
process.exit(faults === 0 ? 0 : 1);
