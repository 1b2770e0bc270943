// The units: systemd itself reads them, and scores how far they are locked in.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { environmentNames, pathOf, settings } from './lib/repository.mjs';

// 0 is a process that can do nothing, 10 one that can do everything. What is left: the network, which is what it is for.
const exposureMax = 1.5;

const units = readdirSync(pathOf('deploy/systemd')).filter((file) => file.endsWith('.service'));
const text = Object.fromEntries(units.map((unit) => [unit, readFileSync(pathOf(`deploy/systemd/${unit}`), 'utf8')]));
const valuesOf = (unit, key) => [...text[unit].matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);

// The same units with a program that is there.
const folder = mkdtempSync(join(tmpdir(), 'messagingd-units-'));
after(() => rmSync(folder, { recursive: true }));
for (const unit of units) writeFileSync(join(folder, unit), text[unit].replaceAll('/usr/local/bin/messagingd', '/bin/true'));

const analyze = (...args) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const isMissing = analyze('--version').error && 'systemd-analyze is not installed';

for (const unit of units) {
  test(`${unit}: systemd reads it without a word`, { skip: isMissing }, () => {
    const { status, stderr } = analyze('verify', '--man=no', join(folder, unit));
    assert.equal(stderr.trim(), '');
    assert.equal(status, 0);
  });

  test(`${unit}: is locked in`, { skip: isMissing }, (context) => {
    const { stdout } = analyze('security', '--offline=true', '--no-pager', join(folder, unit));
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    context.diagnostic(`exposure level ${exposure} of 10`);
    assert.ok(exposure <= exposureMax, `${exposure} is above ${exposureMax}`);
  });

  test(`${unit}: names settings that exist, and takes secrets as credentials`, () => {
    const known = environmentNames();
    const names = valuesOf(unit, 'Environment').map((each) => each.split('='));
    for (const [name] of names) assert.ok(known.has(name), `${name} is in no row of config_keys.cpp`);
    const credentials = valuesOf(unit, 'LoadCredential').map((each) => each.split(':')[0]);
    for (const [name, value] of names.filter(([name]) => name.endsWith('_FILE'))) {
      assert.ok(credentials.includes(value.replace('%d/', '')), `${name} is no credential`);
    }
  });
}

test('messagingd.service: the drain has its time, and each session its descriptor', () => {
  assert.ok(parseInt(valuesOf('messagingd.service', 'TimeoutStopSec')[0], 10) >= 30);
  const sessions = Number(settings().find(({ name }) => name === 'SESSIONS_MAX').default);
  assert.ok(Number(valuesOf('messagingd.service', 'LimitNOFILE')[0]) > 2 * sessions);
});

test('both units are the same user in the same sandbox', () => {
  const sandbox = (unit) => text[unit].slice(text[unit].indexOf('DynamicUser='), text[unit].indexOf('\n[Install]')).replace(/^#.*\n/gm, '').trim();
  const [a, b] = units.map((unit) => (text[unit].includes('[Install]') ? sandbox(unit) : text[unit].slice(text[unit].indexOf('DynamicUser=')).trim()));
  assert.equal(a, b);
});
