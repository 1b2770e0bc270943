// The proxy's configuration: haproxy itself reads it; who needs stickiness has it, who does not has none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pathOf, read, settings } from './lib/repository.mjs';

const path = 'deploy/haproxy/haproxy.cfg';
const sections = Object.fromEntries(
  read(path)
    .replace(/^\s*#.*\n/gm, '')
    .split(/^(?=\S)/m)
    .map((section) => [section.split('\n')[0].trim(), section]),
);

test('haproxy reads it without a warning', () => {
  const { error, status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', pathOf(path)], { encoding: 'utf8' });
  assert.ifError(error);
  assert.doesNotMatch(stdout + stderr, /WARNING|ALERT/);
  assert.equal(status, 0);
});

test('long-polling is sticky, a WebSocket is not', () => {
  assert.match(sections['backend polling'], /^\s*cookie \S+ insert indirect nocache/m);
  assert.match(sections['backend polling'], /^\s*balance source/m);
  assert.match(sections['backend polling'], /^\s*stick on src/m);
  assert.doesNotMatch(sections['backend websocket'], /cookie|stick/);
});

test('a polling session stays with its node while that drains; only handshakes are tried twice', () => {
  assert.match(sections['backend polling'], /^\s*option persist/m);
  assert.match(sections['backend polling'], /disable-l7-retry if METH_POST or \{ url_param\(sid\) -m found \}/);
});

test('both backends ask /readyz, at the admin port', () => {
  for (const name of ['backend websocket', 'backend polling']) {
    assert.match(sections[name], /option httpchk GET \/readyz/);
    const servers = sections[name].match(/^\s*server .*$/gm);
    assert.equal(servers.length, 2);
    for (const server of servers) assert.match(server, /check port "\$\{NODE_\d_ADMIN_PORT-\d+\}" inter 1s/);
  }
});

test('the address that clients claim is replaced', () => {
  assert.match(sections['frontend clients'], /http-request set-header X-Forwarded-For %\[src\]/);
});

test('timeouts are longer than the protocol is quiet', () => {
  const quietSeconds = ['PING_INTERVAL_MS', 'PING_TIMEOUT_MS'].reduce(
    (sum, key) => sum + Number(settings().find(({ name }) => name === key).default) / 1000,
    0,
  );
  for (const timeout of ['client', 'server', 'tunnel']) {
    const seconds = Number(new RegExp(`timeout ${timeout} +(\\d+)s`).exec(sections.defaults)[1]);
    assert.ok(seconds > quietSeconds, `timeout ${timeout}`);
  }
});
