// The server's public port without a client library in between: bytes over TCP, HTTP exchanges, WebSocket frames.
import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import WebSocket from 'ws';
import { tokenFor } from './token.mjs';
import { until, within } from './wait.mjs';

export const socketPath = '/socket.io/';

/** A TCP connection that collects what comes. */
export class Wire {
  received = Buffer.alloc(0);
  isClosed = false;

  constructor(server) {
    this.socket = connectTcp({ port: server.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  get text() {
    return this.received.toString('latin1');
  }

  send(...parts) {
    this.socket.write(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))));
    return this;
  }

  closed(ms = 5_000) {
    return until('the end of the connection', () => this.isClosed, ms);
  }

  /** The status of the first response, 0 where the connection closed without one. */
  async status(ms = 5_000) {
    await until('a response', () => this.isClosed || /^HTTP\/1\.1 \d{3} [\s\S]*\r\n\r\n/.test(this.text), ms);
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0);
  }

  /** A TCP reset instead of an orderly end. */
  reset() {
    this.socket.resetAndDestroy();
  }

  end() {
    this.socket.destroy();
  }
}

export function requestHead(method, target, headers = {}) {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export function upgradeHead(query = 'EIO=4&transport=websocket', headers = {}) {
  return requestHead('GET', `${socketPath}?${query}`, {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAECAwQFBgcICQoLDA0ODw==',
    ...headers,
  });
}

/** A client's WebSocket frame, byte by byte as asked for. */
export function frame({ opcode = 1, fin = true, reserved = 0, payload = '', masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (typeof size === 'bigint' || size > 0xffff) {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(size));
    head.push(maskBit | 127, ...long);
  } else if (size > 125) {
    head.push(maskBit | 126, size >> 8, size & 0xff);
  } else {
    head.push(maskBit | size);
  }
  if (!masked) {
    return Buffer.concat([Buffer.from(head), data]);
  }
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(head), key, data.map((byte, index) => byte ^ key[index % 4])]);
}

/** An HTTP exchange; the body as text. */
export async function http(server, method, query, { body, headers, path = socketPath } = {}) {
  const response = await fetch(`${server.url}${path}?${query}`, { method, body, headers });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** A polling session, driven by hand. */
export class PollingSession {
  static async open(server) {
    const { status, body } = await http(server, 'GET', 'EIO=4&transport=polling');
    if (status !== 200) {
      throw new Error(`handshake: ${status} ${body}`);
    }
    return new PollingSession(server, JSON.parse(body.slice(1)));
  }

  constructor(server, opened) {
    this.server = server;
    this.opened = opened;
    this.query = `EIO=4&transport=polling&sid=${opened.sid}`;
  }

  get() {
    return http(this.server, 'GET', this.query);
  }

  post(body, headers = { 'content-type': 'text/plain;charset=UTF-8' }) {
    return http(this.server, 'POST', this.query, { body, headers });
  }

  /** True while the server knows the session. A GET that stays parked counts as known. */
  async isKnown() {
    const outcome = await Promise.race([this.get(), new Promise((done) => setTimeout(done, 200, 'parked'))]);
    return outcome === 'parked' || (outcome.status === 200 && outcome.body !== '1');
  }
}

/** A WebSocket session whose Engine.IO packets are written by hand. */
export class SocketSession {
  received = [];
  closeCode = undefined;

  static async open(server, query = 'EIO=4&transport=websocket') {
    const session = new SocketSession(new WebSocket(`ws://127.0.0.1:${server.port}${socketPath}?${query}`));
    await within(5_000, 'the upgrade', session.opened);
    return session;
  }

  /** With a socket in the main namespace. */
  static async connected(server, user = 'raw') {
    const session = await SocketSession.open(server);
    session.send(`40${JSON.stringify({ token: tokenFor(user) })}`);
    await session.packet(/^42\["synced"/);
    return session;
  }

  constructor(socket) {
    this.socket = socket;
    this.opened = new Promise((done, failed) => {
      socket.once('open', done);
      socket.once('error', failed);
    });
    socket.on('message', (data, isBinary) => this.received.push(isBinary ? data : data.toString()));
    socket.on('close', (code) => {
      this.closeCode = code;
    });
    socket.on('error', () => {});
  }

  send(packet) {
    this.socket.send(packet);
    return this;
  }

  packet(pattern, ms = 5_000) {
    return until(`a packet like ${pattern}`, () => this.received.find((packet) => pattern.test(packet)), ms);
  }

  closed(ms = 3_000) {
    return until('the close', () => this.closeCode, ms);
  }

  /** Still open although everything sent has been handled: the answer to a later event proves it. */
  async staysOpen() {
    const id = String(Math.floor(Math.random() * 1e9));
    this.send(`42${id}["getConversations",{}]`);
    await this.packet(new RegExp(`^43${id}\\[`));
  }

  end() {
    this.socket.terminate();
  }
}
