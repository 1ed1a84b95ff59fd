// Bundles the page: node build.mjs [folder]. Each file gets the hash of its content into its name, and a .br and a .gz
// beside it, so that the server never compresses anything. "--watch" is for development: it builds after each change.
import { build, context } from 'esbuild';
import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const given = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
const folder = given[0] ?? '../../../target/classes/console';
const assets = join(folder, 'assets');

const options = {
  entryPoints: { console: 'src/main.tsx', layout: 'src/lib/layout.worker.ts' },
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  minify: true,
  metafile: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [{ name: 'page', setup: plugin => plugin.onEnd(finish) }],
};

async function finish(result) {
  if (result.errors.length > 0) {
    return;
  }
  const outputs = Object.entries(result.metafile.outputs);
  const named = entry => outputs.find(([, output]) => output.entryPoint === entry)[0];
  const file = path => path.split('/').pop();
  const main = named('src/main.tsx');
  const drawing = await readFile('src/icon.svg');
  const icon = `icon-${createHash('sha256').update(drawing).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(assets, icon), drawing);
  const page = (await readFile('src/index.html', 'utf8'))
    .replace('{script}', file(main))
    .replace('{style}', file(result.metafile.outputs[main].cssBundle))
    .replace('{icon}', icon)
    .replace('{worker}', file(named('src/lib/layout.worker.ts')));
  await writeFile(join(folder, 'index.html'), page);
  const kept = new Set([...outputs.map(([path]) => file(path)), icon]);
  for (const name of await readdir(assets)) {
    if (!kept.has(name)) {
      await rm(join(assets, name));
    }
  }
  for (const path of [join(folder, 'index.html'), ...[...kept].map(name => join(assets, name))]) {
    const content = await readFile(path);
    await writeFile(path + '.br', brotliCompressSync(content));
    await writeFile(path + '.gz', gzipSync(content, { level: 9 }));
  }
}

await rm(folder, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
if (process.argv.includes('--watch')) {
  const watching = await context(options);
  await watching.watch();
} else {
  await build(options);
}
