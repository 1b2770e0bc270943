// The sources as the truth: which settings and which metrics there are.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const pathOf = (path) => join(root, path);
export const read = (path) => readFileSync(pathOf(path), 'utf8');

/** All documents of a YAML file as plain values; anchors and merge keys are resolved. */
export function readYaml(path) {
  return parseAllDocuments(read(path), { merge: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0].message}`);
    return document.toJS();
  });
}

// The rows of an array of C++ aggregates, as lists of strings and words; adjacent literals are one, as they are for the compiler.
function rowsOf(source, name) {
  const start = source.search(new RegExp(`\\b${name} = std::to_array<`));
  if (start < 0) throw new Error(`there is no array ${name}`);
  const body = source.slice(source.indexOf('({', start) + 2, source.indexOf('\n});', start)).replace(/^\s*\/\/.*$/gm, '');
  return [...body.matchAll(/\{((?:"(?:[^"\\]|\\.)*"|[^{}"])*)\}/g)].map(([, row]) => {
    const fields = [];
    let joins = false;
    for (const [token] of row.matchAll(/"(?:[^"\\]|\\.)*"|,|[^\s,"]+/g)) {
      if (token === ',') joins = false;
      else if (token.startsWith('"')) {
        const text = JSON.parse(token);
        if (joins) fields.push(fields.pop() + text);
        else fields.push(text);
        joins = true;
      } else fields.push(token);
    }
    return fields;
  });
}

/** [{name, default, help, isRequired, hasFileForm}], in the order of src/app/config_keys.cpp. */
export function settings() {
  return rowsOf(read('src/app/config_keys.cpp'), 'keys').map(([name, byDefault, help, isRequired, secrecy]) => ({
    name,
    default: byDefault,
    help,
    isRequired: isRequired === 'true',
    hasFileForm: ['Secrecy::secret', 'Secrecy::may_hold_secret'].includes(secrecy),
  }));
}

/** Every name that the process reads from its environment. */
export function environmentNames() {
  const names = new Set(['MESSAGING_CONFIG']);
  for (const { name, hasFileForm } of settings()) {
    names.add(name);
    if (hasFileForm) names.add(`${name}_FILE`);
  }
  return names;
}

/** What `environment` (an object of names) lacks for MESSAGING_PROFILE=production. */
export function missingInProduction(environment) {
  const isGiven = (name) => name in environment || `${name}_FILE` in environment;
  const missing = settings().filter((each) => each.isRequired && !isGiven(each.name)).map((each) => each.name);
  if (!['JWT_SECRET', 'JWT_PUBLIC_KEY_FILE', 'JWKS_FILE', 'JWKS_URL'].some(isGiven)) missing.push('a key for tokens');
  return missing;
}

/** name -> 'counter' | 'gauge' | 'histogram', from src/base/metrics.cpp. */
export function metrics() {
  const source = read('src/base/metrics.cpp');
  const found = new Map();
  for (const kind of ['counter', 'gauge', 'histogram']) {
    for (const [name] of rowsOf(source, `${kind}_names`)) found.set(name, kind);
  }
  return found;
}

/** What is wrong with the metrics that a PromQL expression names: sentences, none where all is well. */
export function problemsOfExpression(expression) {
  const known = metrics();
  const problems = [];
  for (const [name] of expression.matchAll(/\bmessaging_[a-z0-9_]+/g)) {
    const histogram = name.replace(/_(bucket|sum|count)$/, '');
    if (!known.has(name) && known.get(histogram) !== 'histogram') problems.push(`${name} is no metric of src/base/metrics.cpp`);
    if (known.get(name) === 'counter' && !/\b(rate|increase|irate)\(/.test(expression)) problems.push(`${name} is a counter: take its rate`);
  }
  const depth = [...expression].reduce((open, c) => open + ('([{'.includes(c) ? 1 : ')]}'.includes(c) ? -1 : 0), 0);
  if (depth !== 0) problems.push('parentheses do not match');
  return problems;
}

/** What is wrong with an image's name; undefined where it is pinned. */
export function problemOfImage(image) {
  const tag = /^[^@]*\/?[^/@:]+:([^/:@]+)$/.exec(image)?.[1];
  if (image.includes('@sha256:')) return undefined;
  if (!tag) return `'${image}' has no tag`;
  if (tag === 'latest' || tag === 'stable') return `'${image}' is whatever is newest`;
  return undefined;
}
