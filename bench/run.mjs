// `node bench/run.mjs <name> [arguments]`: builds bench/<name>.ts as the app is built (one module for Node, packages left
// outside) and runs it. TypeScript is read by the bundler, not by Node: the oldest Node that is supported cannot.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages } from '../scripts/lib/packages.mjs';
import { root } from '../scripts/lib/paths.mjs';
import { run } from '../scripts/lib/run.mjs';
import { runScript, ScriptError } from '../scripts/lib/say.mjs';

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const source = join(root, 'bench', `${name}.ts`);
  if (!/^[a-z-]+$/.test(name) || !existsSync(source)) throw new ScriptError(`there is no bench/${name}.ts; bench/README.md names the benches.`);
  await ensurePackages();
  // Inside node_modules, so that the packages are found from there.
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    // Electron's Node does not find out by itself.
    await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
    // Only now: what it imports may have been installed a moment ago.
    const { bundleForNode } = await import('../scripts/lib/bundle.mjs');
    await bundleForNode(folder, { [name]: source }, { sourcemap: 'inline' });
    const { code } = await run(process.execPath, ['--expose-gc', '--enable-source-maps', join(folder, `${name}.js`), ...args]);
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
