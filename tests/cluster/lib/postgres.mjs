// A PostgreSQL server of the test's own, with fsync, in a temporary folder.
import { execFile, execFileSync } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePorts } from '../../integration/lib/ports.mjs';
import { Child } from './child.mjs';

const programs = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();

/** PostgreSQL refuses to run as root: then it runs as the user whom its package made. */
function owner() {
  if (process.getuid() !== 0) {
    return {};
  }
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

let lastDatabase = 0;

export class Postgres {
  static async start() {
    const folder = await mkdtemp(join(tmpdir(), 'messagingd-postgres-'));
    const as = owner();
    if (as.uid !== undefined) {
      await chown(folder, as.uid, as.gid);
    }
    const data = join(folder, 'data');
    await promisify(execFile)(
      join(programs, 'initdb'),
      ['-A', 'trust', '-U', 'messaging', '-E', 'UTF8', '--locale=C', '--no-sync', '-D', data],
      { ...as, cwd: folder },
    );
    const [port] = await freePorts(1);
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=80'];
    const postgres = new Postgres();
    postgres.folder = folder;
    postgres.port = port;
    postgres.child = new Child(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...as, cwd: folder },
    );
    await postgres.restart();
    return postgres;
  }

  urlOf(database) {
    return `postgres://messaging@127.0.0.1:${this.port}/${database}`;
  }

  async createDatabase() {
    lastDatabase += 1;
    const name = `messaging_${lastDatabase}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  /** The rows. */
  async query(text, values = [], url = this.urlOf('postgres')) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // Told also by the rejection of what is under way.
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** After stop() or kill9(). */
  restart() {
    return this.child.start(() =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** An orderly end that does not wait for its clients. */
  async stop() {
    this.child.process.kill('SIGINT');
    await this.child.exited;
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
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
