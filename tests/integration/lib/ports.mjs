// Ports for servers that may be killed and started again on the same one.
import { createServer } from 'node:net';

// Below what the kernel gives to outgoing connections (32768 and up): a client that tries a port while nobody listens there
// could else be given that very port, connect to itself, and keep the server from coming back.
const lowest = 20_000;
const highest = 32_000;

async function isFree(port) {
  const probe = createServer();
  return new Promise((done) => {
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

const given = new Set();

export async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      ports.push(port);
    }
  }
  return ports;
}
