import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/lib/lock.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chainscope-lock-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A process that adds one to a number in a file, slowly, under the lock. */
const adder = `
  import { readFileSync, writeFileSync } from 'node:fs';
  const [lockModule, lock, file, rounds] = process.argv.slice(1);
  const { withLock } = await import(lockModule);
  for (let i = 0; i < Number(rounds); i++) {
    await withLock(lock, 'adding', async () => {
      const n = Number(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(file, String(n + 1));
    });
  }`;

function startAdder(lock: string, file: string, rounds: number): Promise<unknown[]> {
  const module = new URL('../../scripts/lib/lock.mjs', import.meta.url).href;
  const args = ['--input-type=module', '-e', adder, module, lock, file, String(rounds)];
  return once(spawn(process.execPath, args, { stdio: 'ignore' }), 'close');
}

describe('withLock', () => {
  it('lets one process at a time in, also when a dead process left its lock', async () => {
    const lock = join(dir, 'x.lock');
    const file = join(dir, 'n');
    writeFileSync(file, '0');
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'close');
    writeFileSync(lock, `${dead.pid}\n`);
    const ends = await Promise.all([1, 2, 3].map(() => startAdder(lock, file, 3)));
    expect(ends.map(([code]) => code)).toEqual([0, 0, 0]);
    expect(readFileSync(file, 'utf8')).toBe('9');
    expect(readdirSync(dir)).toEqual(['n']);
  });

  it('is free again after work that failed, and hands its error on', async () => {
    const lock = join(dir, 'deeper', 'x.lock');
    await expect(withLock(lock, 'failing', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(existsSync(lock)).toBe(false);
    await expect(withLock(lock, 'working', () => Promise.resolve(7))).resolves.toBe(7);
  });
});
