import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { testEnvironment } from './environment.ts';

export interface BareResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The folder of the built app. */
const APP = join(import.meta.dirname, '..', '..');
/** Ms that a start that must fail may take; it is killed then, and the test sees no exit code. */
const PATIENCE = 20_000;

/**
 * Starts the built app without Playwright and waits for its end: for starts that must fail, where there is no window to attach
 * to.
 */
export async function startBare(options: { dataDir: string; env?: Readonly<Record<string, string>>; args?: readonly string[] }): Promise<BareResult> {
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (dist === undefined) throw new Error('playwright.config.ts names the Electron in use');
  const executable =
    process.platform === 'darwin'
      ? join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron')
      : join(dist, process.platform === 'win32' ? 'electron.exe' : 'electron');
  const child = spawn(executable, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), APP, ...(options.args ?? [])], {
    env: testEnvironment({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR: options.dataDir, ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (result.stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (result.stderr += String(chunk)));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, ...result };
}
