// What Electron needs from a Linux system: shared libraries and a display.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDir } from './paths.mjs';
import { run } from './run.mjs';
import { say, ScriptError } from './say.mjs';

/** @typedef {'debian' | 'fedora' | 'arch' | 'suse'} Family */

/** Packages by the family of the system. `apt` names may have a `t64` twin, see {@link aptNames}. */
const packages = {
  debian: {
    command: 'apt-get install -y --no-install-recommends',
    libraries: ['libgtk-3-0', 'libnss3', 'libgbm1', 'libasound2'],
    xvfb: ['xvfb', 'xauth'],
  },
  fedora: { command: 'dnf install -y', libraries: ['gtk3', 'nss', 'mesa-libgbm', 'alsa-lib'], xvfb: ['xorg-x11-server-Xvfb'] },
  arch: { command: 'pacman -S --needed', libraries: ['gtk3', 'nss', 'mesa', 'alsa-lib'], xvfb: ['xorg-server-xvfb'] },
  suse: {
    command: 'zypper install -y',
    libraries: ['libgtk-3-0', 'mozilla-nss', 'libgbm1', 'libasound2'],
    xvfb: ['xorg-x11-server-Xvfb'],
  },
};

/**
 * A program in the path.
 * @param {string} name
 */
export function inPath(name) {
  return (process.env['PATH'] ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @returns {Family | undefined} */
function family() {
  if (inPath('apt-get')) return 'debian';
  if (inPath('dnf')) return 'fedora';
  if (inPath('pacman')) return 'arch';
  if (inPath('zypper')) return 'suse';
  return undefined;
}

/** Whether there is a display of any kind. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * The shared libraries that a program wants and the system does not have.
 * @param {string} executable
 * @returns {Promise<string[]>}
 */
export async function missingLibraries(executable) {
  if (process.platform !== 'linux' || !inPath('ldd')) return [];
  const { stdout } = await run('ldd', [executable], { output: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
  return [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name ?? '');
}

/**
 * Debian 13 and Ubuntu 24.04 renamed some libraries when times became 64 bits wide; apt knows which name it has.
 * @param {readonly string[]} names
 */
async function aptNames(names) {
  return Promise.all(
    names.map(async (name) => {
      if (name !== 'libgtk-3-0' && name !== 'libasound2') return name;
      const { code } = await run('apt-cache', ['show', `${name}t64`], { output: 'pipe' });
      return code === 0 ? `${name}t64` : name;
    }),
  );
}

/**
 * @typedef {object} Needs
 * @property {string} executable the Electron that has to run
 * @property {boolean} xvfb whether Xvfb is needed too
 */

/**
 * @param {Needs} needs
 * @returns {Promise<{ libraries: string[], xvfb: boolean }>} what is missing
 */
async function lookFor({ executable, xvfb }) {
  return { libraries: await missingLibraries(executable), xvfb: xvfb && !inPath('Xvfb') };
}

/**
 * Makes sure that the system has what Electron needs. As root on a Debian-like system it installs what is missing;
 * elsewhere it throws a ScriptError with the one line to run.
 * @param {Needs} needs
 */
export async function ensureSystem(needs) {
  if (process.platform !== 'linux') return;
  const missing = await lookFor(needs);
  if (missing.libraries.length === 0 && !missing.xvfb) return;
  const what = [
    ...(missing.libraries.length > 0 ? [`system libraries are missing (${missing.libraries.join(', ')})`] : []),
    ...(missing.xvfb ? ['there is no display and Xvfb is not installed'] : []),
  ].join(', and ');
  const system = family();
  if (system === undefined) {
    throw new ScriptError(`${what}. Install GTK 3, NSS, GBM, ALSA and Xvfb with your system's package manager.`);
  }
  const list = packages[system];
  const wanted = [...(missing.libraries.length > 0 ? list.libraries : []), ...(missing.xvfb ? list.xvfb : [])];
  if (system !== 'debian' || process.getuid?.() !== 0) {
    const names = system === 'debian' ? await aptNames(wanted) : wanted;
    throw new ScriptError(`${what}. Run this line, then start again:\n  sudo ${list.command} ${names.join(' ')}`);
  }
  await withLock(join(cacheDir(), 'system.lock'), 'installing system packages', async () => {
    const still = await lookFor(needs);
    if (still.libraries.length > 0 || still.xvfb) await installDebian(what, wanted);
  });
}

/**
 * @param {string} what is missing, for the person
 * @param {readonly string[]} wanted
 */
async function installDebian(what, wanted) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-o', 'DPkg::Lock::Timeout=300', '-q'];
  say(`${what}: installing ${wanted.join(' ')} with apt-get`);
  const update = await run('apt-get', [...patient, 'update'], { output: 'pipe', env });
  if (update.code !== 0) say(`apt-get update ended with code ${update.code}: ${update.stderr.trim()}`);
  const names = await aptNames(wanted);
  const install = await run('apt-get', [...patient, 'install', '-y', '--no-install-recommends', ...names], { output: 'pipe', env });
  if (install.code !== 0) {
    throw new ScriptError(
      `apt-get could not install the system packages: ${install.stderr.trim()}\n` +
        `Mend that, or run this line yourself:\n  ${packages.debian.command} ${names.join(' ')}`,
    );
  }
  say(`installed ${names.join(' ')}`);
}
