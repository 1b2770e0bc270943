// The pages under docs/: settings, metrics, events, error codes and links are those of the sources.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { metrics, environmentNames, pathOf, problemsOfExpression, read } from './lib/repository.mjs';
import { page, settingsOf, settingsTable } from './settings.mjs';

const pages = ['docs/operations.md', 'docs/protocol.md', 'docs/migrating-from-nestjs.md', 'deploy/kubernetes/README.md'];

test('the table of settings is that of config_keys.cpp', () => {
  assert.equal(settingsOf(read(page)).table, settingsTable(), 'run: node tests/packaging/settings.mjs --write');
});

for (const path of pages) {
  const text = read(path);

  test(`${path}: links lead somewhere`, () => {
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      assert.ok(existsSync(pathOf(join(dirname(path), target))), target);
    }
  });

  test(`${path}: names settings and metrics that exist`, () => {
    const known = environmentNames();
    // PostgreSQL's and Prisma's own variables have other forms; ours are recognised by their first word.
    const ours = new RegExp(`^(${[...new Set([...known].map((name) => name.split('_')[0]))].join('|')})(_[A-Z0-9]+)+$`);
    // CONNECT_ERROR is a packet of Socket.IO.
    const others = new Set([...errorCodes(), 'CONNECT_ERROR']);
    for (const [, name] of text.matchAll(/`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`/g)) {
      if (ours.test(name) && !others.has(name)) assert.ok(known.has(name), `${name} is in no row of config_keys.cpp`);
    }
    for (const [, name] of text.matchAll(/`(messaging_[a-z_]+)`/g)) assert.ok(metrics().has(name), `${name} is no metric`);
  });

  test(`${path}: its PromQL is sound`, () => {
    for (const [, block] of text.matchAll(/```promql\n([^]*?)```/g)) {
      for (const line of block.split('\n').filter((each) => each && !each.startsWith('#'))) {
        assert.deepEqual(problemsOfExpression(line), [], line);
      }
    }
  });

  test(`${path}: its JSON is JSON`, () => {
    for (const [, block] of text.matchAll(/```json\n([^]*?)```/g)) {
      assert.doesNotThrow(() => JSON.parse(block), block);
    }
  });
}

function errorCodes() {
  return new Set([...read('src/base/error.cpp').matchAll(/return "([A-Z_]+)";/g)].map(([, code]) => code));
}

test('docs/protocol.md: names every error code and every event, and none that is not there', () => {
  const text = read('docs/protocol.md');
  const codes = errorCodes();
  for (const code of codes) assert.ok(text.includes(`\`${code}\``), `${code} is not explained`);
  const received = [...read('src/gateway/messaging_gateway.cpp').matchAll(/\{\{"(\w+)",\s+Guard::/g)].map(([, event]) => event);
  const sent = [...read('src/gateway/wire.cpp').matchAll(/(?:return "|\[")(newMessage|messageStatus|conversationUpdated|\w+)"(?:,|;)/g)].map(([, event]) => event);
  assert.ok(received.length >= 9 && sent.length >= 8, 'the sources are read');
  for (const event of new Set([...received, ...sent])) assert.ok(text.includes(`\`${event}`), `${event} is not explained`);
});
