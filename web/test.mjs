// Bundles each src/**/*.test.ts for Node and runs them with its test runner.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = 'node_modules/.cache/tests';
const names = readdirSync('src').filter((name) => name.endsWith('.test.ts'));
await build({
  entryPoints: names.map((name) => `src/${name}`),
  outdir,
  bundle: true,
  platform: 'node',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});
const files = names.map((name) => `${outdir}/${name.replace(/\.ts$/, '.mjs')}`);
process.exitCode = spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1;
