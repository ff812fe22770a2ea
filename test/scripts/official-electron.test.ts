import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../helpers/until.ts';

// A checkout of its own, with a package of Electron whose installer is a stand-in.
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'chainscope-official-'));
  cpSync(fileURLToPath(new URL('../../scripts', import.meta.url)), join(base, 'scripts'), { recursive: true });
  mkdirSync(join(base, 'node_modules', 'electron'), { recursive: true });
  writeFileSync(join(base, 'node_modules', 'electron', 'package.json'), '{"version":"45.4.0"}');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const script = `
  const scripts = process.argv[1];
  const { run } = await import(scripts + 'run.mjs');
  const { ensureElectron } = await import(scripts + 'electron.mjs');
  const { runScript } = await import(scripts + 'say.mjs');
  await runScript(async () => {
    // On a first start npm ci has run before, so that signals are handed on.
    await run(process.execPath, ['-e', '']);
    console.log(await ensureElectron());
  });`;

it.skipIf(process.platform === 'win32')('a download that Ctrl+C ends is no download that failed: nothing is remembered and no other is tried', async () => {
  writeFileSync(join(base, 'node_modules', 'electron', 'install.js'), "require('fs').writeFileSync('downloading', ''); setInterval(() => {}, 1000);");
  const cache = join(base, 'cache');
  const env = { PATH: process.env['PATH'], HOME: base, XDG_CACHE_HOME: cache, TMPDIR: base };
  const scripts = pathToFileURL(join(base, 'scripts', 'lib')).href + '/';
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, scripts], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(child, 'close');
  try {
    await until('the download runs', () => existsSync(join(base, 'downloading')));
    // A terminal gives it to all of them.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await closed).toEqual([130, null]);
    expect(output).toBe('chainscope: downloading Electron 45.4.0\nchainscope: stopped\n');
    expect(readdirSync(cache, { recursive: true })).toEqual(['chainscope']);
    expect(readdirSync(join(base, '.cache'))).toEqual([]);
    expect(readdirSync(base).filter((name) => name.startsWith('chainscope-electron-'))).toEqual([]);
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  }
});
