// The dashboard: every figure that it shows exists, and every figure that exists is shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboard as made } from '../../deploy/grafana/make-dashboard.mjs';
import { metrics, problemsOfExpression, read } from './lib/repository.mjs';

const dashboard = JSON.parse(made());
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

test('the file is what its maker makes', () => {
  assert.equal(read('deploy/grafana/messagingd.json'), made(), 'run: node deploy/grafana/make-dashboard.mjs');
});

test('every expression names metrics that the server has, and takes the rate of counters', () => {
  for (const { title, expr } of expressions) assert.deepEqual(problemsOfExpression(expr), [], `in '${title}'`);
});

test('every metric is shown', () => {
  const shown = expressions.map(({ expr }) => expr).join('\n');
  const lacking = [...metrics()].filter(([name]) => !new RegExp(`\\b${name}(_bucket)?\\b`).test(shown)).map(([name]) => name);
  assert.deepEqual(lacking, []);
});

test('panels have ids of their own, a sentence, a unit, and do not overlap', () => {
  const taken = new Set();
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { title, description, fieldConfig, gridPos: at } of panels) {
    assert.ok(description?.endsWith('.'), `'${title}' says what it shows`);
    assert.ok(fieldConfig.defaults.unit, title);
    assert.ok(at.x + at.w <= 24, title);
    for (let x = at.x; x < at.x + at.w; ++x) {
      for (let y = at.y; y < at.y + at.h; ++y) {
        assert.ok(!taken.has(`${x},${y}`), `'${title}' lies on another panel`);
        taken.add(`${x},${y}`);
      }
    }
  }
});

test('queries go to the chosen data source and the chosen nodes', () => {
  for (const { title, targets } of panels) {
    for (const { expr, datasource } of targets) {
      assert.equal(datasource.uid, '${datasource}', title);
      const selectors = expr.match(/\bmessaging_\w+(\{[^}]*\})?/g);
      for (const each of selectors) assert.match(each, /\{job=~"\$job", instance=~"\$instance"\}/, title);
    }
  }
});
