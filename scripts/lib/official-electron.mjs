// The official Electron: its own installer, with limits, and a memory of failures.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDir, root } from './paths.mjs';
import { say, stopIfInterrupted } from './say.mjs';
import { track } from './signals.mjs';

/** A download that brings no byte for this long is given up. */
const stallMs = 30_000;
/** The whole download may take this long. */
const totalMs = 15 * 60_000;
/** A failed download is not tried again for this long, so that every start stays fast. */
const rememberMs = 24 * 3_600_000;

const packageDir = join(root, 'node_modules', 'electron');

/** The version of the `electron` package. The packages must be installed. */
export function officialVersion() {
  return String(JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')).version);
}

/** The dist folder of the official Electron if it is installed and of the right version. */
export function officialDist() {
  try {
    const dist = join(packageDir, 'dist');
    const executable = readFileSync(join(packageDir, 'path.txt'), 'utf8');
    const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
    return version === officialVersion() && existsSync(join(dist, executable)) ? dist : undefined;
  } catch {
    return undefined;
  }
}

/** Where a failed download of this version is remembered. Deleting the file makes the next start try again. */
function markerPath() {
  return join(cacheDir(), `electron-${officialVersion()}.unavailable`);
}

/** The marker file of a failure that is less than a day old, or undefined. */
export function rememberedFailure() {
  const marker = markerPath();
  const made = statSync(marker, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made < rememberMs ? marker : undefined;
}

/**
 * Bytes under a folder, 0 when it is not there.
 * @param {string} dir
 * @returns {Promise<number>}
 */
async function sizeOf(dir) {
  let size = 0;
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    const path = join(dir, entry.name);
    size += entry.isDirectory() ? await sizeOf(path) : ((await stat(path).catch(() => undefined))?.size ?? 0);
  }
  return size;
}

/**
 * Downloads the official Electron into its package. Returns its dist folder, or undefined when it cannot be had.
 * The installer gets a temporary folder of its own: whether that grows tells a slow download from a dead one.
 * A download that was stopped by Ctrl+C is not remembered as one that cannot be had: it throws.
 * @returns {Promise<string | undefined>}
 */
export async function downloadOfficial() {
  say(`downloading Electron ${officialVersion()}`);
  const temporary = await mkdtemp(join(tmpdir(), 'chainscope-electron-'));
  try {
    stopIfInterrupted();
    const child = spawn(process.execPath, [join(packageDir, 'install.js')], {
      cwd: root,
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, ELECTRON_OVERRIDE_DIST_PATH: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    track(child, false);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    }
    let reason = '';
    const started = Date.now();
    let grewAt = started;
    let size = -1;
    const watch = setInterval(async () => {
      const now = (await sizeOf(temporary)) + (await sizeOf(join(packageDir, 'dist')));
      if (now !== size) grewAt = Date.now();
      size = now;
      if (Date.now() - grewAt > stallMs) reason = `nothing arrived for ${stallMs / 1000} s`;
      else if (Date.now() - started > totalMs) reason = `it took longer than ${totalMs / 60_000} min`;
      if (reason) child.kill('SIGKILL');
    }, 1000);
    await new Promise((resolve) => {
      child.once('error', resolve);
      child.once('close', resolve);
    });
    clearInterval(watch);
    const dist = officialDist();
    if (dist !== undefined) {
      await rm(markerPath(), { force: true });
      return dist;
    }
    stopIfInterrupted();
    reason ||= output.trim().split('\n')[0] || 'its installer said nothing';
    const marker = markerPath();
    say(`Electron ${officialVersion()} cannot be downloaded here: ${reason}`);
    say(`it will be tried again in 24 h, or sooner when you delete ${marker}`);
    await mkdir(dirname(marker), { recursive: true });
    await writeFile(marker, `${reason}\n${output}`);
    return undefined;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
