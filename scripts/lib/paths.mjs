// Where things are. Everything the scripts write goes to one of these places.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The folder in which the person stands who started this script: a relative path that they name begins there. npm changes to the
 * root and tells where it was called; a script that was started without it has not moved, whatever an npm further up has told.
 */
export function startDir() {
  const here = process.cwd();
  return relative(root, here) === '' ? process.env['INIT_CWD'] || here : here;
}

/** Built application (electron-vite's default). */
export const outDir = join(root, 'out');

/** JSON reports of the test runners. */
export const reportsDir = join(root, 'reports');

/** Locks that belong to this checkout. It lies outside node_modules, which `npm ci` deletes. */
export const localDir = join(root, '.cache');

/**
 * The cache that all checkouts of one user share: `$XDG_CACHE_HOME/chainscope` or `~/.cache/chainscope`.
 * Where that cannot be written, the checkout's own `.cache` is used.
 */
export function cacheDir() {
  const wanted = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'chainscope');
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch {
    mkdirSync(localDir, { recursive: true });
    return localDir;
  }
}
