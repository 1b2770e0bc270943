// Writes dist/: index.html, app.js and app.css, the three files that the C++ build embeds into the binary.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
await build({
  entryPoints: { app: 'src/app.ts' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome105', 'firefox110', 'safari16'],
  legalComments: 'none',
  logLevel: 'warning',
});
await build({
  entryPoints: { app: 'src/styles/app.css' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  logLevel: 'warning',
});
await copyFile('src/index.html', 'dist/index.html');
