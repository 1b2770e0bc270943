// Everything that passes through Redis, as MONITOR shows it.
import { createClient } from 'redis';

export class Wiretap {
  static async on(redis) {
    const tap = new Wiretap();
    tap.lines = [];
    tap.client = createClient({ url: redis.url, timeout: undefined });
    tap.client.on('error', () => {});
    await tap.client.connect();
    await tap.client.monitor((line) => tap.lines.push(String(line)));
    return tap;
  }

  get text() {
    return this.lines.join('\n');
  }

  end() {
    this.client.destroy();
  }
}
