// A server beside messagingd, as a process that a test starts, freezes, kills and starts again.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { until, within } from '../../integration/lib/wait.mjs';

export class Child {
  logText = '';

  constructor(command, args, options = {}) {
    this.command = command;
    this.args = args;
    this.options = options;
  }

  get isRunning() {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  launch() {
    const child = spawn(this.command, this.args, { ...this.options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => (this.logText += chunk));
    }
    this.process = child;
    this.exited = new Promise((done, failed) => {
      child.once('error', failed);
      child.once('exit', (code, signal) => done(code ?? signal));
    });
  }

  /** Launched and answering. A process that ends meanwhile is launched again: the port of a killed one may still be held. */
  async start(isAnswering, ms = 30_000) {
    this.launch();
    await until(
      `${this.command} to answer`,
      async () => {
        if (!this.isRunning) {
          this.launch();
        }
        return isAnswering();
      },
      ms,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.logText.slice(-2000)}`);
    });
  }

  /** This process and those that it started. */
  async pids() {
    const { pid } = this.process;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return [pid, ...children.split(' ').filter(Boolean).map(Number)];
  }

  /** To this process first, so that it starts no more of them meanwhile. */
  async signalAll(signal) {
    for (const pid of this.isRunning ? await this.pids() : []) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (error.code !== 'ESRCH') {
          throw error;
        }
      }
    }
  }

  async end(signal) {
    if (this.isRunning) {
      await this.signalAll(signal);
      await within(20_000, `the end of ${this.command}`, this.exited);
    }
  }
}
