// compose.yaml: what the compose specification wants, and what this project promises of every container.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { inherited, parseDockerfile } from './lib/dockerfile.mjs';
import { environmentNames, missingInProduction, pathOf, problemOfImage, read, readYaml } from './lib/repository.mjs';

const [compose] = readYaml('compose.yaml');
const services = Object.entries(compose.services);
const isOurs = ({ image }) => image.startsWith('messagingd:');
const nodes = services.filter(([, service]) => isOurs(service) && !service.command);

for (const [name, service] of services) {
  test(`${name}: its image is pinned`, () => assert.equal(problemOfImage(service.image), undefined));

  test(`${name}: writes nowhere but to its volumes and gains nothing`, () => {
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ['ALL']);
    assert.equal(service.cap_add, undefined);
    assert.ok(service.security_opt.includes('no-new-privileges:true'));
    assert.notEqual(service.privileged, true);
    for (const key of ['network_mode', 'pid', 'ipc']) assert.notEqual(service[key], 'host');
  });

  test(`${name}: is not root`, () => {
    if (service.user) return assert.doesNotMatch(String(service.user), /^(root|0)\b/);
    const { stages } = parseDockerfile('Dockerfile');
    const user = inherited(stages, service.build?.target).findLast(({ keyword }) => keyword === 'USER');
    assert.ok(user, 'neither the service nor its image names a user');
    return undefined;
  });

  test(`${name}: is reached from this machine alone`, () => {
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
  });

  test(`${name}: refers to what is there`, () => {
    for (const secret of service.secrets ?? []) assert.ok(compose.secrets[secret], `secret ${secret}`);
    for (const network of service.networks) assert.ok(network in compose.networks, `network ${network}`);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.ok(compose.services[other], other);
      if (condition === 'service_healthy') assert.ok(compose.services[other].healthcheck, `${other} has no healthcheck`);
      if (condition === 'service_completed_successfully') assert.equal(compose.services[other].restart, 'no');
    }
    for (const mount of service.volumes ?? []) {
      const [source] = mount.split(':');
      assert.ok(source.startsWith('./') ? existsSync(pathOf(source)) : source in compose.volumes, source);
    }
    if (service.build) assert.ok(parseDockerfile('Dockerfile').stages.some((stage) => stage.name === service.build.target));
  });
}

test('two nodes, alike, that drain in time and start after the migration', () => {
  assert.equal(nodes.length, 2);
  assert.deepEqual(nodes[0][1], nodes[1][1]);
  for (const [, node] of nodes) {
    assert.ok(parseInt(node.stop_grace_period, 10) >= 30);
    assert.equal(node.depends_on.migrate.condition, 'service_completed_successfully');
  }
  assert.deepEqual(compose.services.migrate.command, ['migrate']);
});

test('the nodes have all that production asks for, know every name, and get secrets as files', () => {
  const { environment } = nodes[0][1];
  assert.deepEqual(missingInProduction(environment), []);
  const known = environmentNames();
  for (const name of Object.keys(environment)) assert.ok(known.has(name), `${name} is in no row of config_keys.cpp`);
  for (const [name, value] of Object.entries(environment)) {
    assert.doesNotMatch(String(value), /:\/\/[^/]*:[^/]*@/, `${name} holds a password`);
    if (name.endsWith('_FILE')) assert.ok(nodes[0][1].secrets.includes(value.replace('/run/secrets/', '')), name);
  }
});

test('every secret is a file that make-secrets makes and git does not keep', () => {
  const script = read('deploy/compose/make-secrets');
  assert.ok(statSync(pathOf('deploy/compose/make-secrets')).mode & 0o100, 'make-secrets can be run');
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    assert.equal(file, `./deploy/compose/secrets/${name}`);
    assert.match(script, new RegExp(`^secret ${name.replace('.', '\\.')} `, 'm'));
  }
  assert.match(read('deploy/compose/secrets/.gitignore'), /^\*$/m);
});

test('haproxy gets the variables that its configuration reads', () => {
  const config = read('deploy/haproxy/haproxy.cfg');
  for (const name of Object.keys(compose.services.haproxy.environment)) assert.ok(config.includes(`\${${name}-`), name);
});
