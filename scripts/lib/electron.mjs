// Which Electron is used. In order: the one that the environment names, the official one, the fallback.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fallbackDist, fallbackPossible, makeFallback } from './fallback-electron.mjs';
import { withLock } from './lock.mjs';
import { downloadOfficial, officialDist, officialVersion, rememberedFailure } from './official-electron.mjs';
import { localDir, root } from './paths.mjs';
import { ScriptError } from './say.mjs';

/** The folder that `ELECTRON_OVERRIDE_DIST_PATH` names, if it is set. */
function givenDist() {
  const given = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!given) return undefined;
  // What is started in it may run in another folder.
  if (existsSync(electronExecutable(given))) return resolve(given);
  throw new ScriptError(`ELECTRON_OVERRIDE_DIST_PATH names ${given}, but there is no Electron. Unset it or correct it.`);
}

/**
 * The executable in a dist folder.
 * @param {string} dist
 */
export function electronExecutable(dist) {
  if (process.platform === 'darwin') return join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron');
  return join(dist, process.platform === 'win32' ? 'electron.exe' : 'electron');
}

/**
 * The version that a dist folder says it holds.
 * @param {string} dist
 */
export function electronVersion(dist) {
  return readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
}

/**
 * The dist folder of the Electron in use; downloads one if there is none. The packages must be installed.
 * Takes a few milliseconds when there is one. Throws a ScriptError when none can be had.
 * @returns {Promise<string>}
 */
export async function ensureElectron() {
  const there = givenDist() ?? officialDist();
  if (there !== undefined) return there;
  if (!existsSync(join(root, 'node_modules', 'electron', 'package.json'))) {
    throw new ScriptError('The packages are not installed. Run npm ci first.');
  }
  if (rememberedFailure() === undefined) {
    const got = await withLock(join(localDir, 'electron.lock'), 'downloading Electron', async () => {
      // Whoever waited here looks at what the other one brought home, also when that is a failure.
      return officialDist() ?? (rememberedFailure() === undefined ? downloadOfficial() : undefined);
    });
    if (got !== undefined) return got;
  }
  const fallback = fallbackDist();
  if (fallback !== undefined) return fallback;
  if (fallbackPossible()) return makeFallback();
  throw new ScriptError(
    `Electron ${officialVersion()} cannot be downloaded, and for ${process.platform} on ${process.arch} there is no ` +
      `other. Check the network${rememberedFailure() ? `, delete ${rememberedFailure()}` : ''} and try again.`,
  );
}
