import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { bundle, type Bundle } from '../helpers/bundle.ts';
import { until } from '../helpers/until.ts';

let built: Bundle;
let temporary: string;
beforeAll(async () => {
  // Built as scripts/soak.mjs builds them.
  built = await bundle({
    storage: 'test/soak/storage.ts',
    'storage-child': 'test/soak/storage/child.ts',
    network: 'test/soak/network.ts',
    'network-child': 'test/soak/network/child.ts',
    worker: 'src/node/mining/worker.ts',
  });
}, 60_000);
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'chainscope-soaks-'));
});
afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
});
afterAll(() => built.remove());

/** The processes of the soaks that were built here. */
function running(): string[] {
  const commands = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      // It has just ended.
      return '';
    }
  });
  return commands.filter((command) => command.includes(dirname(built.file('storage'))));
}

it.runIf(process.platform === 'linux').each([
  ['storage', 'SIGINT', 130, ['--runs', '1000', '--seed', '1'], 'mining'],
  ['network', 'SIGTERM', 143, ['--nodes', '6', '--steady', '1', '--seed', '1'], '0'],
] as const)('soak -- %s leaves no folder and no process behind when %s ends it', async (name, signal, code, args, inside) => {
  // The signal goes to the soak alone, as a kill does: a terminal gives Ctrl+C to its nodes too.
  const child = spawn(process.execPath, [built.file(name), ...args], { env: { ...process.env, TMPDIR: temporary }, stdio: 'ignore' });
  try {
    const closed = once(child, 'close');
    // A node writes there.
    await until('a chain is open', () => readdirSync(temporary).some((folder) => existsSync(join(temporary, folder, inside, 'chain', 'CURRENT'))), 18_000);
    expect(running().length).toBeGreaterThan(1);
    child.kill(signal);
    expect(await closed).toEqual([code, null]);
    expect(readdirSync(temporary)).toEqual([]);
    await until('all have ended', () => running().length === 0);
  } finally {
    child.kill('SIGKILL');
  }
}, 40_000);
