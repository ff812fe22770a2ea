import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compileNative, NATIVE_KERNEL, placeNative } from '../../../scripts/lib/native.mjs';
import { chooseKernel } from '../../../src/node/mining/choose-kernel.ts';
import { PlainKernel } from '../../../src/node/mining/kernel.ts';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import { nativeKernel } from '../../../src/node/mining/native-kernel.ts';
import type { ScanKernel } from '../../../src/node/mining/scan-kernel.ts';
import { WasmKernel } from '../../../src/node/mining/wasm-kernel.ts';
import { WorkerPool } from '../../../src/node/mining/worker-pool.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { bundle, type Bundle } from '../../helpers/bundle.ts';

type Scan = (...args: unknown[]) => number;

const compiled = await compileNative();
const loops = compiled === undefined ? {} : (createRequire(import.meta.url)(compiled) as Record<string, { lanes: number; scan: Scan }>);
const names = Object.keys(loops);

let folder: string;
let told: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainscope-native-'));
  told = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(compiled === undefined).each(names)('scan of %s', (name) => {
  const { lanes, scan } = loops[name] ?? { lanes: 0, scan: () => 0 };
  const header = new Uint8Array(80).fill(4);
  const tops = new Uint32Array(lanes);
  const good = [header, 0, 1, 0xffff_ffff, tops] as const;
  const bad = (place: number, value: unknown): unknown[] => good.map((each, index) => (index === place ? value : each));

  it('takes what it should, up to the limits of each number', () => {
    expect(scan(...good)).toBe(0);
    expect(scan(header, 0xffff_ffff, 1, 0xffff_ffff, tops)).toBe(0);
    expect(scan(header, 0, MINING_LIMITS.nativeNonces / lanes, 0, tops)).toBe(-1);
  });

  it.each([
    ['no arguments', []],
    ['a header that is none', bad(0, 'x'.repeat(80))],
    ['a header that is too short', bad(0, new Uint8Array(79))],
    ['a header that is too long', bad(0, new Uint8Array(81))],
    ['a header of other numbers', bad(0, new Uint32Array(20))],
    ['a header whose memory went elsewhere', bad(0, gone(80))],
    ['a view of data', bad(0, new DataView(new ArrayBuffer(80)))],
    ['a negative nonce', bad(1, -1)],
    ['a nonce of 33 bits', bad(1, 2 ** 32)],
    ['half a nonce', bad(1, 0.5)],
    ['a nonce that is no number', bad(1, NaN)],
    ['a nonce that is text', bad(1, '7')],
    ['no groups', bad(2, 0)],
    ['a negative number of groups', bad(2, -1)],
    ['more groups than a call may take', bad(2, MINING_LIMITS.nativeNonces / lanes + 1)],
    ['endless groups', bad(2, Infinity)],
    ['a limit of 33 bits', bad(3, 2 ** 32)],
    ['no limit', bad(3, undefined)],
    ['no place for the tops', bad(4, undefined)],
    ['too little place for the tops', bad(4, new Uint32Array(lanes - 1))],
    ['too much place for the tops', bad(4, new Uint32Array(lanes + 1))],
    ['tops of another type', bad(4, new Int32Array(lanes))],
  ])('refuses %s', (_what, args) => {
    expect(() => scan(...args)).toThrow(RangeError);
  });

  it('refuses a group beyond the last nonce', () => {
    expect(() => scan(header, 0xffff_ffff - lanes, 3, 0, tops)).toThrow(RangeError);
  });

  it('works with headers and tops anywhere in memory', () => {
    const memory = new Uint8Array(4_096);
    const place = new Uint32Array(memory.buffer, 1_028, lanes);
    scan(...good);
    for (let offset = 1; offset < 9; offset += 1) {
      memory.set(header, offset);
      place.fill(0);
      expect(scan(memory.subarray(offset, offset + 80), 0, 1, 0xffff_ffff, place)).toBe(0);
      expect(place).toEqual(tops);
    }
  });

  it('writes nothing but the tops, and those only when it stops', () => {
    const memory = new Uint32Array(64).fill(7);
    expect(scan(header, 0, 9, 0, memory.subarray(16, 16 + lanes))).toBe(-1);
    expect(memory).toEqual(new Uint32Array(64).fill(7));
    scan(header, 0, 1, 0xffff_ffff, memory.subarray(16, 16 + lanes));
    expect([...memory.subarray(0, 16), ...memory.subarray(16 + lanes)].every((word) => word === 7)).toBe(true);
  });
});

/** Bytes whose memory was moved to another owner. */
function gone(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

describe('where there is no native kernel', () => {
  it.each([
    ['no compiler', join(tmpdir(), 'no-such-compiler')],
    ['a compiler that fails at once', process.platform === 'win32' ? 'cmd /c exit 1' : 'false'],
  ])('nothing is built and nothing is said: %s', async (_what, CC) => {
    await writeFile(join(folder, NATIVE_KERNEL), 'of older sources');
    expect(await placeNative(folder, { env: { ...process.env, CC }, cache: join(folder, 'cache') })).toBe(false);
    expect(told).toEqual([]);
    expect(await readdir(folder)).not.toContain(NATIVE_KERNEL);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')('one line is said, once, when the compiler does not get on with the sources', async () => {
    const script = join(folder, 'cc.mjs');
    await writeFile(script, "if (process.argv.includes('--version')) console.log('a compiler 1.0'); else { console.error('module.c:1: error: no'); process.exitCode = 1; }");
    const options = { env: { ...process.env, CC: `${process.execPath} ${script}` }, cache: join(folder, 'cache') };
    expect(await placeNative(folder, options)).toBe(false);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^[^\n]*could not be compiled[^\n]*error: no\n$/);
    expect(await placeNative(folder, options)).toBe(false);
    expect(told).toHaveLength(1);
  });

  it('another kernel is taken', async () => {
    const next = (): ScanKernel => WasmKernel.simd();
    expect(() => nativeKernel('sha-ni', join(folder, NATIVE_KERNEL))).toThrow();
    expect(chooseKernel([() => nativeKernel('sha-ni', join(folder, NATIVE_KERNEL)), next]).name).toBe('wasm-simd');
    await writeFile(join(folder, NATIVE_KERNEL), 'no machine code');
    expect(chooseKernel([() => nativeKernel('sha-ni', join(folder, NATIVE_KERNEL)), next]).name).toBe('wasm-simd');
  });

  it('a processor without the instructions is told from a missing file', async () => {
    // A module that exports no loop, as on a processor that can run none.
    const empty = join(folder, 'empty.cjs');
    await writeFile(empty, 'module.exports = {};');
    expect(() => nativeKernel('avx2', empty)).toThrow(RangeError);
  });
});

describe.skipIf(compiled === undefined || names.length === 0)('where there is one', () => {
  let built: Bundle;
  beforeAll(async () => {
    built = await bundle({ worker: 'src/node/mining/worker.ts' });
    await placeNative(join(built.file('worker'), '..'));
  }, 60_000);
  afterAll(() => built.remove());

  const kernelOf = async (options: { kernel?: 'avx2' | 'wasm-simd' } = {}): Promise<string | undefined> => {
    const pool = new WorkerPool({ size: 2, script: built.file('worker'), ...options }, { logger: nullLogger });
    try {
      const found = new Promise<[number, number]>((resolve) => pool.once('found', (...event) => resolve(event)));
      const target = new Uint8Array(32).fill(0xff, 0, 30);
      const header = new Uint8Array(80).fill(6);
      pool.search(header, target);
      const [, nonce] = await found;
      expect(new PlainKernel().search(header, target, nonce, 1).nonce).toBe(nonce);
      return pool.kernel;
    } finally {
      await pool.close();
    }
  };

  it('stays, and comes back, where no compiler is found any more', async () => {
    const cache = join(folder, 'cache');
    const without = { env: { ...process.env, CC: join(tmpdir(), 'no-such-compiler') }, cache };
    expect(await placeNative(folder, { cache })).toBe(true);
    const bytes = await readFile(join(folder, NATIVE_KERNEL));
    expect(await placeNative(folder, without)).toBe(true);
    await rm(join(folder, NATIVE_KERNEL));
    expect(await placeNative(folder, without)).toBe(true);
    expect((await readFile(join(folder, NATIVE_KERNEL))).equals(bytes)).toBe(true);
    // Of other sources, by the name that it has there.
    const [name = ''] = await readdir(cache);
    await rename(join(cache, name), join(cache, `other-${name}`));
    expect(await placeNative(folder, without)).toBe(false);
    expect(await readdir(folder)).not.toContain(NATIVE_KERNEL);
  }, 60_000);

  it('the threads of the miner take it, and find what the plain kernel confirms', async () => {
    expect(await kernelOf()).toBe(names[0]);
  });

  it('they take a slower one when told to', async () => {
    expect(await kernelOf({ kernel: 'wasm-simd' })).toBe('wasm-simd');
  });

  it('is loaded and left again by thread after thread, and by this one', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { scan, lanes } = require(workerData.file)[workerData.name];
      const tops = new Uint32Array(lanes);
      scan(new Uint8Array(80), 0, 1, 0xffffffff, tops);
      parentPort.postMessage(tops);`;
    for (const name of names) {
      const expected = new Uint32Array(loops[name]?.lanes ?? 0);
      loops[name]?.scan(new Uint8Array(80), 0, 1, 0xffff_ffff, expected);
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => {
          const worker = new Worker(code, { eval: true, workerData: { file: compiled, name } });
          return new Promise<Uint32Array>((resolve, reject) => worker.once('message', resolve).once('error', reject)).finally(() => worker.terminate());
        }),
      );
      for (const answer of answers) expect(answer).toEqual(expected);
    }
  });

  it('a program that has loaded it is not disturbed when it is put there again', async () => {
    const target = join(folder, NATIVE_KERNEL);
    expect(await placeNative(folder)).toBe(true);
    const kernel = nativeKernel(names[0] as 'sha-ni', target);
    await copyFile(target, join(folder, 'old'));
    await writeFile(join(folder, 'other'), 'other');
    await rm(target);
    await copyFile(join(folder, 'other'), target);
    // The file differs, so it is made anew, beside the one that is loaded.
    expect(await placeNative(folder)).toBe(true);
    expect(kernel.search(new Uint8Array(80), new Uint8Array(32), 0, 9)).toEqual(new PlainKernel().search(new Uint8Array(80), new Uint8Array(32), 0, 9));
    expect((await readdir(folder)).filter((name) => name.startsWith(NATIVE_KERNEL))).toEqual([NATIVE_KERNEL]);
  });
});
