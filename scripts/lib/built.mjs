// Runs a program of the tests that is written in TypeScript: built as the app is (the oldest Node that is supported cannot read it), then started.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

/**
 * @param {Record<string, string>} entries name → path below the root; the first is started
 * @param {readonly string[]} args
 * @param {{ nodeArgs?: readonly string[], external?: string[], cwd?: string }} [options] `cwd`: where relative paths among its arguments begin; the root when it is left out
 * @returns {Promise<number>} its exit code
 */
export async function runBuilt(entries, args, options = {}) {
  await ensurePackages();
  // Inside node_modules, so that the packages are found from there.
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-run-'));
  try {
    // Only now: what it imports may have been installed a moment ago.
    const { bundleForNode } = await import('./bundle.mjs');
    const absolute = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)]));
    await bundleForNode(folder, absolute, { sourcemap: 'inline', ...(options.external === undefined ? {} : { external: options.external }) });
    const { code } = await run(process.execPath, ['--enable-source-maps', ...(options.nodeArgs ?? []), join(folder, `${Object.keys(entries)[0]}.js`), ...args], options.cwd === undefined ? {} : { cwd: options.cwd });
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
