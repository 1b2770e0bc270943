// The manifests: each is whole, and what they say of each other holds.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { environmentNames, missingInProduction, pathOf, problemOfImage, readYaml } from './lib/repository.mjs';

const files = readdirSync(pathOf('deploy/kubernetes')).filter((file) => file.endsWith('.yaml'));
const objects = files.flatMap((file) => readYaml(`deploy/kubernetes/${file}`).map((object) => ({ file, ...object })));
const find = (kind, name) => objects.find((each) => each.kind === kind && each.metadata.name === name);
const versions = {
  ConfigMap: 'v1', Secret: 'v1', Service: 'v1', Deployment: 'apps/v1', Job: 'batch/v1',
  PodDisruptionBudget: 'policy/v1', Ingress: 'networking.k8s.io/v1',
};
const deployment = find('Deployment', 'messagingd');
const job = find('Job', 'messagingd-migrate');
const workloads = { deployment, job };
const containerOf = ({ spec }) => spec.template.spec.containers[0];

test('every object has a kind of a stable version, a name, and no namespace', () => {
  for (const { file, apiVersion, kind, metadata } of objects) {
    assert.equal(apiVersion, versions[kind], file);
    assert.match(metadata.name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, file);
    assert.equal(metadata.namespace, undefined, file);
  }
  for (const kind of Object.keys(versions)) assert.ok(objects.some((each) => each.kind === kind), `no ${kind}`);
});

for (const [name, workload] of Object.entries(workloads)) {
  const pod = workload.spec.template.spec;
  const container = containerOf(workload);

  test(`${name}: is not root, writes nowhere, gains nothing, has no token of the cluster`, () => {
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.ok(pod.securityContext.runAsUser >= 10_000);
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
    for (const { readOnly } of container.volumeMounts) assert.equal(readOnly, true);
  });

  test(`${name}: its image is pinned and its memory bounded`, () => {
    assert.equal(problemOfImage(container.image), undefined);
    assert.ok(container.resources.limits.memory);
    assert.ok(container.resources.requests.cpu);
  });

  test(`${name}: has all that production asks for, and knows every name`, () => {
    const config = container.envFrom.map(({ configMapRef }) => find('ConfigMap', configMapRef.name).data);
    const environment = Object.assign({}, ...config, ...container.env.map(({ name: key, value }) => ({ [key]: value })));
    assert.equal(environment.MESSAGING_PROFILE, 'production');
    assert.deepEqual(missingInProduction(environment), []);
    const known = environmentNames();
    for (const [key, value] of Object.entries(environment)) {
      assert.ok(known.has(key), `${key} is in no row of config_keys.cpp`);
      assert.equal(typeof value, 'string', `${key} must be quoted: YAML makes something else of it`);
    }
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    for (const value of Object.values(environment).filter((each) => each.startsWith('/etc/messaging/'))) {
      assert.ok(mounts.some((mount) => value.startsWith(`${mount}/`)), `${value} is not mounted`);
    }
  });

  test(`${name}: its volumes are there, with the files that are named`, () => {
    for (const { name: volume, secret, configMap } of pod.volumes) {
      assert.ok(container.volumeMounts.some((mount) => mount.name === volume), volume);
      if (secret) assert.ok(find('Secret', secret.secretName), secret.secretName);
      if (configMap) assert.ok(find('ConfigMap', configMap.name), configMap.name);
    }
    const secretFiles = container.env.filter(({ value }) => value.startsWith('/etc/messaging/secrets/'));
    for (const { value } of secretFiles) assert.ok(value.split('/').at(-1) in find('Secret', 'messagingd').stringData, value);
  });
}

test('the deployment: two replicas, one drains at a time, in the time that a drain takes', () => {
  assert.ok(deployment.spec.replicas >= 2);
  assert.deepEqual(deployment.spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  assert.ok(deployment.spec.template.spec.terminationGracePeriodSeconds >= 30);
  assert.deepEqual(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels);
});

test('the probes ask the admin port: ready what /readyz says, alive what /healthz says', () => {
  const container = containerOf(deployment);
  const portNames = container.ports.map(({ name }) => name);
  const paths = { startupProbe: '/healthz', readinessProbe: '/readyz', livenessProbe: '/healthz' };
  for (const [probe, path] of Object.entries(paths)) {
    assert.equal(container[probe].httpGet.path, path);
    assert.ok(portNames.includes(container[probe].httpGet.port));
  }
  const valueOf = (key) => container.env.find(({ name }) => name === key).value;
  assert.equal(valueOf('ADMIN_HOST'), '0.0.0.0', 'kubelet comes from outside the pod');
  assert.equal(container.ports.find(({ name }) => name === 'admin').containerPort, Number(valueOf('ADMIN_PORT')));
  assert.equal(container.ports.find(({ name }) => name === 'socketio').containerPort, Number(valueOf('PORT')));
});

test('services, budget and ingress find the pods', () => {
  const { labels } = deployment.spec.template.metadata;
  const ports = containerOf(deployment).ports.map(({ name }) => name);
  for (const service of objects.filter(({ kind }) => kind === 'Service')) {
    assert.deepEqual(service.spec.selector, labels, service.metadata.name);
    for (const { targetPort } of service.spec.ports) assert.ok(ports.includes(targetPort), service.metadata.name);
  }
  assert.deepEqual(find('PodDisruptionBudget', 'messagingd').spec.selector.matchLabels, labels);
  const backend = find('Ingress', 'messagingd').spec.rules[0].http.paths[0].backend.service;
  assert.ok(find('Service', backend.name).spec.ports.some(({ name }) => name === backend.port.name));
});

test('the job migrates, once, and its pods are in no service', () => {
  assert.deepEqual(containerOf(job).args, ['migrate']);
  assert.equal(containerOf(job).image, containerOf(deployment).image, 'the schema of the version that is started');
  assert.equal(job.spec.template.spec.restartPolicy, 'Never');
  assert.notDeepEqual(job.spec.template.metadata.labels, deployment.spec.template.metadata.labels);
});
