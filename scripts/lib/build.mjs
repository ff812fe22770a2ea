// The built application: made when it is missing or older than what it is made from.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { withLock } from './lock.mjs';
import { placeNative } from './native.mjs';
import { localDir, outDir, root } from './paths.mjs';
import { runNode } from './run.mjs';
import { say, ScriptError } from './say.mjs';

/** What the output depends on, besides everything in src. */
const inputs = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.base.json', 'tsconfig.web.json'];
const stamp = join(outDir, '.made-from');
const products = ['main/index.js', 'main/cli.js', 'main/verify.js', 'main/worker.js', 'preload/index.cjs', 'renderer/index.html'];

/**
 * All files under a folder, sorted, with `/` between the parts of their names.
 * @param {string} dir
 * @returns {Promise<string[]>}
 */
async function filesUnder(dir) {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * A fingerprint of the sources by their contents: times say little after a checkout or a copy.
 * @param {string} [base]
 */
export async function sourcesHash(base = root) {
  const hash = createHash('sha256');
  for (const file of [...inputs.map((name) => join(base, name)), ...(await filesUnder(join(base, 'src')))]) {
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) continue;
    hash.update(`${relative(base, file).split(sep).join('/')}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** @param {string} hash */
async function isBuilt(hash) {
  if (!products.every((name) => existsSync(join(outDir, name)))) return false;
  return (await readFile(stamp, 'utf8').catch(() => '')) === hash;
}

/** Makes the next start build: whoever writes into the output without this file says so. */
export async function forgetBuild() {
  await rm(stamp, { force: true });
}

/**
 * Builds if the sources differ from what the output was made from.
 * @param {{ force?: boolean }} [options] `force`: build in any case
 */
export async function ensureBuilt({ force = false } = {}) {
  if (!force && (await isBuilt(await sourcesHash()))) {
    // There may be a compiler by now.
    await placeNative(join(outDir, 'main'));
    return;
  }
  await withLock(join(localDir, 'build.lock'), 'building', async () => {
    // Taken before the build: a file that changes meanwhile makes the next start build again.
    const hash = await sourcesHash();
    if (!force && (await isBuilt(hash))) return;
    say('building the app');
    await forgetBuild();
    const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const { code, stdout, stderr } = await runNode(cli, ['build'], { output: 'pipe', env: { ...process.env, NODE_ENV: 'production' } });
    if (code !== 0) {
      process.stderr.write(stdout + stderr);
      throw new ScriptError(`the build failed with code ${code}. The messages above say where.`);
    }
    const missing = products.filter((name) => !existsSync(join(outDir, name)));
    if (missing.length > 0) throw new ScriptError(`the build made no ${missing.join(', ')}. Check electron.vite.config.ts.`);
    await placeNative(join(outDir, 'main'));
    await writeFile(stamp, hash);
  });
}
