// One messagingd process with a data folder and ports of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './ports.mjs';
import { secret, tokenFor } from './token.mjs';
import { until, within } from './wait.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
export const binary = resolve(process.env.MESSAGINGD ?? join(here, '../../../build/release/messagingd'));

// A sanitised binary on a busy machine needs its time.
const startMs = 30_000;
const stopMs = 30_000;

export class Server {
  /** `pairs`: who is connected with whom; without it everybody is. `env` goes before the defaults, undefined removes one. */
  static async prepare({ pairs, env = {} } = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'messagingd-test-'));
    const [port, grpcPort, adminPort] = await freePorts(3);
    const server = new Server(folder, { port, grpcPort, adminPort }, pairs, env);
    await server.connectOnly(pairs ?? []);
    return server;
  }

  static async start(options) {
    const server = await Server.prepare(options);
    return server.start();
  }

  constructor(folder, ports, pairs, env) {
    this.folder = folder;
    Object.assign(this, ports);
    this.env = {
      PATH: process.env.PATH,
      ASAN_OPTIONS: process.env.ASAN_OPTIONS,
      HOST: '127.0.0.1',
      PORT: String(ports.port),
      GRPC_PORT: String(ports.grpcPort),
      ADMIN_PORT: String(ports.adminPort),
      DATABASE_URL: `sqlite:${folder}/messaging.db`,
      CONNECTIONS_URL: pairs ? `file:${folder}/connections.json` : 'open:',
      JWT_SECRET: secret,
      RATE_LIMITS: 'off',
      ...env,
    };
    this.logText = '';
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get adminUrl() {
    return `http://127.0.0.1:${this.adminPort}`;
  }

  get grpcAddress() {
    return `127.0.0.1:${this.grpcPort}`;
  }

  get isRunning() {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Every line that the process wrote to its standard error, of all its runs. */
  get logLines() {
    return this.logText.split('\n').filter((line) => line !== '');
  }

  token(user, claims) {
    return tokenFor(user, claims);
  }

  /** Rewrites the connections file in one step; the server reads it again by itself. */
  async connectOnly(pairs) {
    const file = join(this.folder, 'connections.json');
    await writeFile(`${file}.new`, JSON.stringify({ connections: pairs }));
    await rename(`${file}.new`, file);
  }

  /** Starts the process without waiting for anything. */
  launch(args = ['serve']) {
    const child = spawn(binary, args, { env: this.env, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    // What it says to the person who started it; the log goes to the other stream.
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      this.logText += chunk;
    });
    this.process = child;
    // 'close' comes after the last output, 'exit' may come before it.
    this.exited = new Promise((done, failed) => {
      child.once('error', failed);
      child.once('close', (code, signal) => done({ code, signal }));
    });
    return this;
  }

  async start() {
    this.launch();
    const startsFailing = this.exited.then(({ code, signal }) => {
      throw new Error(`the server ended while starting (${code ?? signal}):\n${this.logText.slice(-4000)}`);
    });
    await Promise.race([until('/readyz', () => this.isReady(), startMs), startsFailing]);
    startsFailing.catch(() => {});
    return this;
  }

  async isReady() {
    try {
      return (await fetch(`${this.adminUrl}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** Whether the node says that something does not work as it should, ready or not. */
  async isDegraded() {
    const { degraded } = await (await fetch(`${this.adminUrl}/readyz`)).json();
    return degraded.length > 0;
  }

  /** What the node says about why it wants no traffic; empty while it is ready. */
  async unreadyReasons() {
    const answer = await fetch(`${this.adminUrl}/readyz`);
    return answer.ok ? '' : answer.text();
  }

  /** Stops the process where it stands; its sockets stay open and silent. */
  freeze() {
    this.process.kill('SIGSTOP');
  }

  thaw() {
    this.process.kill('SIGCONT');
  }

  /** SIGTERM; the exit code. */
  async stop() {
    if (this.isRunning) {
      this.process.kill('SIGTERM');
    }
    const { code, signal } = await within(stopMs, 'the end of the process after SIGTERM', this.exited);
    return code ?? signal;
  }

  async kill9() {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  async restart({ how = 'stop' } = {}) {
    await this[how]();
    return this.start();
  }

  /** Runs another subcommand with the same environment. */
  run(...args) {
    return run(args, { env: this.env, cwd: this.folder });
  }

  /** For test hooks: ends the process and removes its folder. */
  async discard() {
    if (this.isRunning) {
      await this.kill9();
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Runs the binary to its end. */
export async function run(args, { env = {}, cwd = tmpdir(), ms = 40_000 } = {}) {
  const child = spawn(binary, args, { env: { PATH: process.env.PATH, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const ended = new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? signal));
  });
  try {
    return { code: await within(ms, `messagingd ${args.join(' ')}`, ended), stdout, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}
