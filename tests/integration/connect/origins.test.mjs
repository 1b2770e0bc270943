import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ownServer, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer({ env: { CORS_ORIGINS: 'https://app.example' } });
const path = '/socket.io/?EIO=4&transport=';

function upgrade(server, origin) {
  return new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}websocket`, { origin });
    socket.once('open', () => {
      socket.terminate();
      done('open');
    });
    socket.once('error', () => done('refused'));
  });
}

test('a permitted origin gets the CORS header and may upgrade', async () => {
  const response = await fetch(`${shared.server.url}${path}polling`, { headers: { origin: 'https://app.example' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.match(response.headers.get('vary') ?? '', /origin/i);
  assert.equal(await upgrade(shared.server, 'https://app.example'), 'open');
});

test('another origin is not permitted by the CORS header and may not upgrade', async () => {
  const response = await fetch(`${shared.server.url}${path}polling`, { headers: { origin: 'https://evil.example' } });
  assert.ok([null, 'https://app.example'].includes(response.headers.get('access-control-allow-origin')));
  assert.equal(await upgrade(shared.server, 'https://evil.example'), 'refused');
});

test('without configured origins the own origin may upgrade and another may not', async (t) => {
  const server = await ownServer(t);
  assert.equal(await upgrade(server, server.url), 'open');
  assert.equal(await upgrade(server, 'https://evil.example'), 'refused');
});

test('a client that is no browser and sends no origin may upgrade', async () => {
  assert.equal(await upgrade(shared.server, undefined), 'open');
});
