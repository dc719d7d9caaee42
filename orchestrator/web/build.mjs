// build.mjs: bundles the sources into dist: node build.mjs [OUT]. Modules come from $WEB_MODULES, or build/web of the tree.
// The same sources and lock give the same bytes.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(process.env.WEB_MODULES || join(here, '../../build/web/node_modules'));
const out = resolve(process.argv[2] || join(here, 'dist'));
const { build } = createRequire(join(modules, 'x.js'))('esbuild');

const shared = { bundle: true, minify: true, nodePaths: [modules], legalComments: 'none', charset: 'utf8', logLevel: 'warning', absWorkingDir: here };

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  ...shared,
  entryPoints: ['src/main.js'],
  outfile: join(out, 'app.js'),
  format: 'esm',
  target: 'es2022',
  mainFields: ['module', 'main'],
});
await build({ ...shared, entryPoints: ['src/app.css'], outfile: join(out, 'app.css') });
for (const name of ['index.html', 'icon.svg']) await copyFile(join(here, 'src', name), join(out, name));
const land = JSON.parse(await readFile(join(modules, 'world-atlas/land-110m.json'), 'utf8'));
await writeFile(join(out, 'world.json'), JSON.stringify(land));
await copyFile(join(here, 'LICENSES.txt'), join(out, 'licenses.txt'));
