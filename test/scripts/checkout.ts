import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcesHash } from '../../scripts/lib/build.mjs';

export interface Checkout {
  root: string;
  /** Another folder, from which scripts are started. */
  elsewhere: string;
  /** Runs one of the scripts to its end, in `elsewhere` unless told otherwise. */
  run: (script: string, args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }) => Promise<{ code: number | null; out: string; err: string }>;
  write: (path: string, text: string) => void;
  remove: () => void;
}

/** A stand-in for a program: says where it was started, and with what. */
const SAYS = "console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2) }));\n";

/**
 * A checkout of its own: the real scripts, with packages, a build and an Electron that are stand-ins, so that nothing has to be prepared. Nothing
 * that is run there touches this one.
 */
export async function standInCheckout(): Promise<Checkout> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'chainscope-checkout-')));
  const [root, elsewhere] = [join(base, 'checkout'), join(base, 'elsewhere')];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(elsewhere);
  cpSync(fileURLToPath(new URL('../../scripts', import.meta.url)), join(root, 'scripts'), { recursive: true });
  for (const path of ['package.json', 'package-lock.json', 'node_modules/.package-lock.json']) write(path, '{"packages":{}}');
  write('src/index.ts', '');
  for (const name of ['main/index.js', 'main/cli.js', 'main/verify.js', 'main/worker.js', 'preload/index.cjs', 'renderer/index.html']) write(`out/${name}`, SAYS);
  write('out/main/package.json', '{"type":"module"}');
  write('out/.made-from', await sourcesHash(root));
  write('electron/electron', `#!${process.execPath}\n${SAYS}`);
  chmodSync(join(root, 'electron/electron'), 0o755);
  return {
    root,
    elsewhere,
    write,
    run: async (script, args, { cwd = elsewhere, env = {} } = {}) => {
      const clean = { PATH: base, HOME: base, XDG_CACHE_HOME: join(base, 'cache'), DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: join(root, 'electron') };
      const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], { cwd, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out, err };
    },
    remove: () => {
      rmSync(base, { recursive: true, force: true });
    },
  };
}
