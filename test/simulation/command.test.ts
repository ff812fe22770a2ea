import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SIMULATE_LIMITS } from '../../bench/simulate/options.ts';
import type { Report } from '../../bench/simulate/report.ts';
import { sweep } from '../../bench/simulate/sweep.ts';
import type { WorldOptions } from '../../bench/simulate/world.ts';
import { bundle, type Bundle } from '../helpers/bundle.ts';
import { until } from '../helpers/until.ts';

let built: Bundle;
let folder: string;
beforeAll(async () => {
  built = await bundle({ main: 'bench/simulate/main.ts' });
}, 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainscope-simulate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => built.remove());

interface Started {
  child: ChildProcess;
  output: () => { out: string; err: string };
  closed: Promise<unknown[]>;
}

/** As scripts/simulate.mjs starts it. */
function start(...args: string[]): Started {
  const entry = "const { run } = await import(process.argv[1]); process.exitCode = await run(process.argv.slice(3), process.argv[2]);";
  const child = spawn(process.execPath, ['--input-type=module', '-e', entry, built.file('main'), join(folder, 'standard'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return { child, output: () => ({ out, err }), closed: once(child, 'close') };
}

const small = ['--nodes', '6', '--miners', '3', '--partitions', '0', '--up', '0', '--seed', '1'];

describe('npm run simulate', () => {
  test('lists every option, with what counts when it is left out', async () => {
    const { output, closed } = start('--nodes', 'x', '--help');
    expect(await closed).toEqual([0, null]);
    const { out } = output();
    for (const [name, [standard]] of Object.entries(SIMULATE_LIMITS)) expect(out).toMatch(new RegExp(`^  --${name} <number> +.*\\(${String(standard)}\\)$`, 'm'));
    for (const name of ['seed', 'sweep', 'out']) expect(out).toContain(`  --${name}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a file', (): string => join(folder, 'file')],
    ['below a file', (): string => join(folder, 'file', 'below')],
    ['nothing', (): string => ''],
  ])('says before the run, not after it, that its folder cannot be one: %s', async (_what, out) => {
    writeFileSync(join(folder, 'file'), '');
    for (const more of [[], ['--sweep']]) {
      const { child, output, closed } = start(...small, '--hours', '100', '--out', out(), ...more);
      // One that goes on to simulate is ended.
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      expect(await closed).toEqual([2, null]);
      clearTimeout(timer);
      expect(output().err).toMatch(/^--out must be .*\. Change it and start again\.\n$/);
    }
  }, 40_000);

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it where it is, with a report of what was until then', async (signal) => {
    const { child, output, closed } = start(...small, '--hours', '1000');
    try {
      await until('it runs', () => output().err.includes('seed 1'), 15_000);
      child.kill(signal);
      expect(await closed).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
    const report = JSON.parse(readFileSync(join(folder, 'standard', 'report.json'), 'utf8')) as Report;
    expect(report.checked).toBe(true);
    expect(report.hours).toBeLessThan(report.asked);
  }, 40_000);

  test('a terminal that goes away takes nothing with it', async () => {
    const { child, output, closed } = start(...small, '--hours', '1000');
    try {
      await until('it runs', () => output().err.includes('seed 1'), 15_000);
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      child.kill('SIGHUP');
      expect(await closed).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
    expect(existsSync(join(folder, 'standard', 'report.json'))).toBe(true);
  }, 40_000);

  test('a sweep that is ended keeps the networks that were done', async () => {
    const { child, output, closed } = start(...small, '--nodes', '30', '--hours', '0.02', '--sweep');
    try {
      await until('the second network runs', () => output().err.includes('nodes: 30'), 30_000);
      child.kill('SIGTERM');
      expect(await closed).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
    expect(output().out).toMatch(/^ended before its time: [12] of 10 networks are done$/m);
    const done = JSON.parse(readFileSync(join(folder, 'standard', 'sweep.json'), 'utf8')) as { label: number }[];
    expect(done[0]?.label).toBe(25);
  }, 60_000);
});

describe('a sweep', () => {
  const options = { seed: 1, nodes: 30, dials: 8, miners: 5, interval: 10_000 } as WorldOptions;
  const report = (hours: number, asked: number): Report =>
    ({ hours, asked, degree: 1, blocks: 1, blockBytesPerNode: 1, idleBytesPerSecond: 1, delays: [0.5, 0.9, 0.99].map((part) => ({ part, ms: 100 })), blockBytes: [], forks: { share: 0 }, expected: { forkChance: 0 } }) as unknown as Report;

  test('gives each network the time that is left, and leaves out the one that it ended', async () => {
    const lefts: number[] = [];
    const { lines, files } = await sweep(
      options,
      1,
      (_world, hours, { within = 0 }) => {
        lefts.push(within);
        return Promise.resolve(report(lefts.length === 2 ? hours / 2 : hours, hours));
      },
      () => undefined,
      { within: 3 },
    );
    expect(lefts).toHaveLength(2);
    expect(Math.max(...lefts)).toBeLessThanOrEqual(3);
    expect(lines).toContain('ended before its time: 1 of 10 networks are done');
    expect(JSON.parse(files.get('sweep.json') ?? '')).toHaveLength(1);
    expect([...files.keys()].sort()).toEqual(['nodes-bytes.svg', 'nodes-delay.svg', 'sweep.json']);
    for (const text of files.values()) expect(text).not.toMatch(/NaN|Infinity/);
  });

  test('begins none when the time is over, and says nothing of an end that did not come', async () => {
    const none = await sweep(options, 1, () => Promise.reject(new Error('began')), () => undefined, { enough: AbortSignal.abort() });
    expect(none.lines).toEqual(['ended before its time: 0 of 10 networks are done', '']);
    const all = await sweep(options, 0.1, (_world, hours) => Promise.resolve(report((hours * 3_600_000) / 3_600_000, hours)), () => undefined);
    expect(all.lines.join('\n')).not.toContain('ended');
  });
});
