// haproxy in front of the nodes, as in a deployment: round robin, nodes that are not ready get nobody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../integration/lib/ports.mjs';
import { Child } from './child.mjs';

const configuration = (port, nodes) => `
global
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 120s
  timeout server 120s
  timeout tunnel 120s
  option redispatch
frontend public
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /readyz
${nodes
  .map((node, index) => `  server node-${index} 127.0.0.1:${node.port} check port ${node.adminPort} inter 200ms fall 1 rise 1`)
  .join('\n')}
`;

export class Haproxy {
  static async start(nodes) {
    const proxy = new Haproxy();
    proxy.folder = await mkdtemp(join(tmpdir(), 'messagingd-haproxy-'));
    [proxy.port] = await freePorts(1);
    const file = join(proxy.folder, 'haproxy.cfg');
    await writeFile(file, configuration(proxy.port, nodes));
    proxy.child = new Child('haproxy', ['-db', '-f', file]);
    await proxy.child.start(async () => {
      try {
        return (await fetch(`${proxy.url}/socket.io/?EIO=4&transport=polling`)).ok;
      } catch {
        return false;
      }
    });
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async discard() {
    await this.child.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
