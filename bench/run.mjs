// `node bench/run.mjs <name> [arguments]`: builds bench/<name>.ts as the app is built (one module for Node, packages left
// outside) and runs it. TypeScript is read by the bundler, not by Node: the oldest Node that is supported cannot.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages } from '../scripts/lib/packages.mjs';
import { root, startDir } from '../scripts/lib/paths.mjs';
import { run } from '../scripts/lib/run.mjs';
import { runScript, ScriptError } from '../scripts/lib/say.mjs';

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const all = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length));
  if (name === '') throw new ScriptError(`name a bench: ${all.join(' or ')}, as in: node bench/run.mjs ${all[0]} --help`);
  if (!all.includes(name)) throw new ScriptError(`there is no bench "${name}". There are: ${all.join(', ')}; npm run bench runs the others.`);
  const source = join(root, 'bench', `${name}.ts`);
  await ensurePackages();
  // Inside node_modules, so that the packages are found from there.
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    // Electron's Node does not find out by itself.
    await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
    // Only now: what it imports may have been installed a moment ago.
    const { bundleForNode } = await import('../scripts/lib/bundle.mjs');
    await bundleForNode(folder, { [name]: source }, { sourcemap: 'inline' });
    const { code } = await run(process.execPath, ['--expose-gc', '--enable-source-maps', join(folder, `${name}.js`), ...args], { cwd: startDir() });
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
