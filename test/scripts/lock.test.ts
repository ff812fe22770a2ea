import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/lib/lock.mjs';
import { until } from '../helpers/until.ts';

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

/** A process that finds what a program before it left as the lock, `PID` for its own number, and says when it has the lock. */
const waiter = `
  import { writeFileSync } from 'node:fs';
  const [scripts, lock, left] = process.argv.slice(1);
  const { withLock } = await import(scripts + 'lock.mjs');
  const { run } = await import(scripts + 'run.mjs');
  const { runScript } = await import(scripts + 'say.mjs');
  writeFileSync(lock, left.replace('PID', String(process.pid)));
  await runScript(async () => {
    // As start.mjs does: something was run before, so that signals are handed on.
    await run(process.execPath, ['-e', '']);
    await withLock(lock, 'waiting', async () => console.log('has it'));
  });`;

function startWaiter(lock: string, left: string): { child: ChildProcess; output: () => string; closed: Promise<unknown[]> } {
  const scripts = new URL('../../scripts/lib/', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', waiter, scripts, lock, left], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output, closed: once(child, 'close') };
}

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

  it.each([
    ['is empty, as a power cut leaves it', ''],
    ['holds no number', 'half of it'],
    ['has the number of the process that wants it, as in a container', 'PID\n'],
  ])('takes over a lock that %s', async (_what, left) => {
    const { child, output, closed } = startWaiter(join(dir, 'x.lock'), left);
    try {
      await until('the lock is had', () => output() === 'has it\n');
      expect(await closed).toEqual([0, null]);
      expect(readdirSync(dir)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('lets one at a time in within one process too, whose lock carries its own number', async () => {
    const lock = join(dir, 'x.lock');
    const seen: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => withLock(lock, 'working', work(name))));
    expect(seen.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends']);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('stops waiting at Ctrl+C, with the code of a stopped program and nothing left of it', async () => {
    const lock = join(dir, 'x.lock');
    const { child, output, closed } = startWaiter(lock, `${process.pid}\n`);
    try {
      await until('it waits', () => output().includes('waiting for another process'));
      child.kill('SIGINT');
      expect(await closed).toEqual([130, null]);
      expect(output()).toContain('chainscope: stopped\n');
      expect(readdirSync(dir)).toEqual(['x.lock']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
