// The image: what hadolint would say, and what this project promises of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { inherited, parseDockerfile } from './lib/dockerfile.mjs';
import { environmentNames, pathOf, problemOfImage, read, settings } from './lib/repository.mjs';

const { args, stages } = parseDockerfile('Dockerfile');
const images = ['messagingd', 'fake-connections'];
const instructions = stages.flatMap((stage) => stage.instructions.map((each) => ({ ...each, stage: stage.name })));
const runs = instructions.filter(({ keyword }) => keyword === 'RUN');

test('every stage begins with a pinned image or an earlier stage', () => {
  const earlier = new Set();
  for (const { from, name } of stages) {
    if (!earlier.has(from)) assert.equal(problemOfImage(from), undefined);
    earlier.add(name);
  }
  assert.ok(args.DEBIAN.startsWith('debian:12'), 'tools/install-packages and the runtime packages are those of Debian 12');
});

test('the last stage is the server', () => assert.equal(stages.at(-1).name, 'messagingd'));

test('apt leaves no lists behind, installs without questions and without recommendations', () => {
  for (const { text, stage } of runs.filter(({ text }) => /apt-get|install-packages/.test(text))) {
    assert.match(text, /&& rm -rf \/var\/lib\/apt\/lists\/\*/, `stage ${stage}`);
    if (!/apt-get install/.test(text)) continue;
    assert.match(text, /apt-get update\s+&& apt-get install -y --no-install-recommends/);
    assert.doesNotMatch(text, /apt-get (dist-)?upgrade|\bapt install/);
  }
});

test('files come by COPY, from the context or from a stage that is there', () => {
  assert.ok(!instructions.some(({ keyword }) => keyword === 'ADD'));
  for (const { text, stage } of instructions.filter(({ keyword }) => keyword === 'COPY')) {
    const source = /^--from=(\S+)/.exec(text)?.[1];
    if (images.includes(stage)) assert.ok(source, `stage ${stage} copies from the context: ${text}`);
    const before = stages.slice(0, stages.findIndex(({ name }) => name === stage)).map(({ name }) => name);
    if (source) assert.ok(before.includes(source), `${source} is no earlier stage`);
  }
});

test('shells stop at the first failure, also within a pipe', () => {
  for (const { text, stage } of runs.filter(({ text }) => /[^|]\|[^|]/.test(text))) {
    const shell = inherited(stages, stage).findLast(({ keyword }) => keyword === 'SHELL');
    assert.match(shell?.text ?? '', /pipefail/, `stage ${stage} pipes`);
  }
  for (const { text } of runs) assert.doesNotMatch(text, /\bsudo\b|curl .*\| *(ba)?sh/);
});

for (const image of images) {
  const all = inherited(stages, image);
  const last = (keyword) => all.findLast((each) => each.keyword === keyword)?.text;

  test(`${image}: runs as a user that is not root, by number`, () => {
    const [uid, gid] = last('USER').split(':').map(Number);
    assert.ok(uid >= 10_000 && gid >= 10_000, 'Kubernetes checks runAsNonRoot against a number only');
    const after = stages.find(({ name }) => name === image).instructions;
    const user = after.findIndex(({ keyword }) => keyword === 'USER');
    assert.ok(!after.slice(user).some(({ keyword }) => keyword === 'RUN' || keyword === 'COPY'), 'nothing is made after USER');
  });

  test(`${image}: gets SIGTERM itself, not through a shell`, () => {
    assert.equal(last('STOPSIGNAL'), 'SIGTERM');
    assert.ok(Array.isArray(JSON.parse(last('ENTRYPOINT'))));
    for (const keyword of ['ENTRYPOINT', 'CMD']) assert.ok(all.filter((each) => each.keyword === keyword).length <= 1);
    if (last('CMD')) assert.ok(Array.isArray(JSON.parse(last('CMD'))));
  });

  test(`${image}: folders are absolute, nothing is declared a volume, no secret is built in`, () => {
    for (const { keyword, text } of all) {
      if (keyword === 'WORKDIR') assert.match(text, /^\//);
      assert.notEqual(keyword, 'VOLUME', 'an anonymous volume for each container, also where PostgreSQL is used');
      if (keyword === 'ENV' || keyword === 'ARG') assert.doesNotMatch(text, /SECRET|PASSWORD|TOKEN/);
    }
  });
}

test('messagingd: the environment is known to the server, and its ports are exposed', () => {
  const env = Object.fromEntries(
    inherited(stages, 'messagingd')
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ text }) => text.split(/\s+/).map((each) => each.split('='))),
  );
  const known = environmentNames();
  for (const name of Object.keys(env)) assert.ok(known.has(name), `${name} is in no row of config_keys.cpp`);
  const exposed = inherited(stages, 'messagingd').find(({ keyword }) => keyword === 'EXPOSE').text.split(/\s+/);
  assert.deepEqual(exposed, ['PORT', 'GRPC_PORT', 'ADMIN_PORT'].map((name) => env[name]));
  for (const name of exposed.length === 3 ? ['PORT', 'GRPC_PORT', 'ADMIN_PORT'] : []) {
    assert.equal(env[name], settings().find((each) => each.name === name).default, 'the ports of the documentation');
  }
});

test('the build context holds what the build reads, and no secret', () => {
  const ignored = read('.dockerignore').split('\n').filter((line) => line && !line.startsWith('#'));
  for (const path of ['.*', 'build', 'data', 'deploy', '**/node_modules']) assert.ok(ignored.includes(path), `${path} must be ignored`);
  for (const path of ['src', 'cmake', 'config', 'migrations', 'proto', 'tests', 'tools', 'web', 'CMakeLists.txt', 'CMakePresets.json']) {
    assert.ok(!ignored.includes(path), `${path} is needed`);
  }
});

// --- the runtime packages, against the binaries of this machine

const isDebian12 = existsSync('/etc/debian_version') && readFileSync('/etc/debian_version', 'utf8').startsWith('12');
const binaries = images.map((name) => pathOf(`build/release/${name}`)).filter(existsSync);

// The packages of a set with all that they depend on, as far as they are installed here.
function withDependencies(names) {
  const format = '${db:Status-Abbrev}\t${Package}\t${Depends}, ${Pre-Depends}\n';
  const rows = execFileSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const depends = new Map();
  for (const [status, name, list] of rows.split('\n').map((row) => row.split('\t'))) {
    if (status.startsWith('ii')) depends.set(name, list.split(/[,|]/).map((each) => each.trim().split(/[ :]/)[0]));
  }
  const found = new Set();
  const visit = (name) => {
    if (found.has(name) || !depends.has(name)) return;
    found.add(name);
    depends.get(name).forEach(visit);
  };
  names.forEach(visit);
  return found;
}

function filesOf(packages) {
  const folder = '/var/lib/dpkg/info';
  const lists = readdirSync(folder).filter((file) => file.endsWith('.list') && packages.has(file.slice(0, -5).split(':')[0]));
  return new Set(lists.flatMap((list) => readFileSync(`${folder}/${list}`, 'utf8').split('\n')).map((path) => path.split('/').at(-1)));
}

const cannotLook = (!isDebian12 && 'not Debian 12') || (binaries.length === 0 && 'no release binary is built');
test('the runtime packages bring every library of the release binaries', { skip: cannotLook }, () => {
  const install = runs.find(({ stage, text }) => stage === 'base' && text.includes('apt-get install')).text;
  const named = install.split(/\s+/).filter((word) => /^lib/.test(word));
  const files = filesOf(withDependencies([...named, 'libc6']));
  for (const binary of binaries) {
    const libraries = [...execFileSync('ldd', [binary], { encoding: 'utf8' }).matchAll(/=> \/\S*\/(\S+) /g)].map(([, file]) => file);
    assert.deepEqual(libraries.filter((file) => !files.has(file)), [], `lacking for ${binary}`);
  }
});
