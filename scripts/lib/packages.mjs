// Packages: installed when they are missing or differ from the lock file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { localDir, root } from './paths.mjs';
import { runNpm } from './run.mjs';
import { say, ScriptError } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} LockFile
 */

/**
 * Says why the installed packages do not match the lock file, or undefined when they do. npm writes its
 * hidden lock file last, so an interrupted installation has none. Optional packages may be missing (they are
 * for other platforms), but one that is there must be the locked one.
 * @param {LockFile} wanted package-lock.json
 * @param {LockFile | undefined} installed node_modules/.package-lock.json
 * @returns {string | undefined}
 */
export function whyInstall(wanted, installed) {
  if (installed === undefined) return 'the packages are not installed yet';
  const have = installed.packages ?? {};
  for (const [path, locked] of Object.entries(wanted.packages ?? {})) {
    if (path === '' || locked.link) continue;
    const there = have[path];
    if (there === undefined) {
      if (locked.optional) continue;
      return `${path} is missing`;
    }
    if (there.version !== locked.version || there.integrity !== locked.integrity) {
      return `${path} is ${there.version ?? 'unknown'}, the lock file says ${locked.version ?? 'unknown'}`;
    }
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {Promise<LockFile | undefined>}
 */
async function readLock(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function check() {
  const wanted = await readLock(join(root, 'package-lock.json'));
  if (wanted === undefined) throw new ScriptError('package-lock.json cannot be read. Restore it from the repository.');
  return whyInstall(wanted, await readLock(join(root, 'node_modules', '.package-lock.json')));
}

/** Installs the packages if they are missing or older than the lock file. Throws a ScriptError when that fails. */
export async function ensurePackages() {
  if ((await check()) === undefined) return;
  await withLock(join(localDir, 'packages.lock'), 'installing packages', async () => {
    const reason = await check();
    if (reason === undefined) return;
    say(`installing packages with npm ci: ${reason}`);
    // `--loglevel` because `npm --silent test` hands its own level down and would hide the reason of a failure.
    const { code } = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { output: 'stderr' });
    if (code !== 0) {
      throw new ScriptError(`npm ci failed with code ${code}. Check the network and the npm messages above, then try again.`);
    }
    const left = await check();
    if (left !== undefined) throw new ScriptError(`npm ci ended, but ${left}. Delete node_modules and try again.`);
  });
}
