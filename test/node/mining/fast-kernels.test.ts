import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BITCOIN_HEADERS } from '../../helpers/bitcoin-headers.ts';
import { KERNEL_MODULE, kernelModule } from '../../../scripts/lib/kernel-module.mjs';
import { LAYOUT } from '../../../scripts/lib/kernel-wat.mjs';
import { compileNative } from '../../../scripts/lib/native.mjs';
import { bitsToTarget, targetToBytes } from '../../../src/node/consensus/target.ts';
import { chooseKernel, kernelsFrom } from '../../../src/node/mining/choose-kernel.ts';
import { PlainKernel } from '../../../src/node/mining/kernel.ts';
import { nativeKernel } from '../../../src/node/mining/native-kernel.ts';
import { KERNEL_NAMES, type HashKernel } from '../../../src/node/mining/types.ts';
import { ScanKernel, type Scanner } from '../../../src/node/mining/scan-kernel.ts';
import { KERNEL_LAYOUT } from '../../../src/node/util/sha256-module.ts';
import { WasmKernel } from '../../../src/node/mining/wasm-kernel.ts';
import { bigIntToBytesLE, bytesToBigIntLE, displayHash, fromHex } from '../../../src/node/util/bytes.ts';

const plain = new PlainKernel();
const IMPOSSIBLE = new Uint8Array(32);
const HIGHEST = new Uint8Array(32).fill(0xff);

describe('the module', () => {
  it('is what its source assembles to, byte for byte', async () => {
    expect(await readFile(KERNEL_MODULE, 'utf8')).toBe(await kernelModule());
    expect(KERNEL_LAYOUT).toEqual(LAYOUT);
  });
});

// The native ones where a compiler has made them and this processor has the instructions (native-kernel.test.ts says what holds elsewhere).
const compiled = await compileNative();
const native = (['sha-ni', 'avx2'] as const).flatMap((name) => {
  try {
    return compiled === undefined ? [] : [nativeKernel(name, compiled)];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
});
const kernels: HashKernel[] = [WasmKernel.scalar(), WasmKernel.simd(), ...native];

describe.each(kernels.map((kernel) => [kernel.name, kernel] as const))('the %s kernel', (_name, kernel) => {
  it.each(BITCOIN_HEADERS)('finds the nonce of $hash, and stops there', ({ hash, header }) => {
    const bytes = fromHex(header);
    const view = new DataView(bytes.buffer);
    const nonce = view.getUint32(76, true);
    const target = targetToBytes(bitsToTarget(view.getUint32(72, true)));
    for (const before of [0, 1, 2, 3, 4, 5, 6, 7, 50]) {
      const result = kernel.search(bytes, target, nonce - before, before + 9);
      expect(result).toMatchObject({ nonce, hashes: before + 1 });
      expect(displayHash(result.best)).toBe(hash);
    }
    // One number lower, the target is missed.
    const missed = kernel.search(bytes, bigIntToBytesLE(bytesToBigIntLE(kernel.search(bytes, target, nonce, 1).best) - 1n, 32), nonce, 1);
    expect(missed).toMatchObject({ nonce: -1, hashes: 1 });
  });

  it('gives what the plain kernel gives, for any header, target and share of the nonces', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const target = fc.oneof(
      bytes(32),
      // From impossible over rare to nearly always met.
      fc.tuple(bytes(32), fc.nat(255)).map(([low, top]) => Uint8Array.from(low, (byte, index) => (index === 31 ? 0 : index === 30 ? top : byte))),
      fc.constantFrom(IMPOSSIBLE, HIGHEST),
    );
    const start = fc.oneof(fc.nat(0xffff_ff00), fc.constantFrom(0, 0x7fff_fffe, 0xffff_fe00));
    fc.assert(
      fc.property(bytes(80), target, start, fc.integer({ min: 0, max: 255 }), (header, limit, from, count) => {
        const given = new Uint8Array(header);
        expect(kernel.search(given, limit, from, count)).toEqual(plain.search(header, limit, from, count));
        expect(given).toEqual(header);
      }),
      { numRuns: 150 },
    );
  });

  it('finds every single nonce of a share when its hash is the lowest allowed', () => {
    const header = new Uint8Array(80).fill(5);
    for (let count = 1; count <= 24; count += 1) {
      const { best } = plain.search(header, IMPOSSIBLE, 100, count);
      expect(kernel.search(header, best, 100, count)).toEqual(plain.search(header, best, 100, count));
    }
  });

  it('reaches the last nonce of the 32-bit space and no further', () => {
    const header = new Uint8Array(80).fill(9);
    for (let count = 1; count <= 9; count += 1) {
      const start = 0x1_0000_0000 - count;
      expect(kernel.search(header, IMPOSSIBLE, start, count)).toEqual(plain.search(header, IMPOSSIBLE, start, count));
      const last = plain.search(header, IMPOSSIBLE, 0xffff_ffff, 1).best;
      expect(kernel.search(header, last, start, count)).toEqual(plain.search(header, last, start, count));
    }
  });

  it('notices another header of which only one byte differs', () => {
    const header = new Uint8Array(80).fill(1);
    for (const index of [0, 63, 64, 75]) {
      header[index] = 2;
      expect(kernel.search(header, IMPOSSIBLE, 0, 5)).toEqual(plain.search(header, IMPOSSIBLE, 0, 5));
    }
  });

  it('tells the lowest of many hashes, also of more than it tries at once', () => {
    const header = new Uint8Array(80).fill(3);
    expect(kernel.search(header, IMPOSSIBLE, 1, 70_001)).toEqual(plain.search(header, IMPOSSIBLE, 1, 70_001));
  });

  it('refuses what is no header', () => {
    expect(() => kernel.search(new Uint8Array(81), HIGHEST, 0, 1)).toThrow(RangeError);
  });
});

describe('chooseKernel', () => {
  it('takes SIMD where there is SIMD and no native kernel beside it', () => {
    expect(chooseKernel().name).toBe('wasm-simd');
  });

  it('takes none that is faster than the one that was asked for', () => {
    expect(KERNEL_NAMES.map((name) => kernelsFrom(name).length)).toEqual([5, 4, 3, 2, 1]);
    expect(chooseKernel(kernelsFrom('wasm')).name).toBe('wasm');
    expect(chooseKernel(kernelsFrom('plain')).name).toBe('plain');
  });

  it('passes over kernels that cannot be made or give something else, down to the plain one', () => {
    const wrong = (change: (result: ReturnType<HashKernel['search']>) => object): HashKernel => ({
      name: 'wrong',
      search: (header, target, start, count) => ({ ...plain.search(header, target, start, count), ...change(plain.search(header, target, start, count)) }),
    });
    const none = (): HashKernel => {
      throw new WebAssembly.CompileError('no SIMD');
    };
    expect(chooseKernel([none, () => WasmKernel.scalar()]).name).toBe('wasm');
    expect(chooseKernel([() => wrong(() => ({ best: HIGHEST })), () => WasmKernel.scalar()]).name).toBe('wasm');
    // It finds nothing, finds another nonce, or tells another number of hashes.
    expect(chooseKernel([() => wrong(() => ({ nonce: -1 }))]).name).toBe('plain');
    expect(chooseKernel([() => wrong(({ nonce }) => (nonce < 0 ? {} : { nonce: nonce + 1 }))]).name).toBe('plain');
    expect(chooseKernel([() => wrong(({ hashes }) => ({ hashes: hashes + 1 }))]).name).toBe('plain');
    expect(chooseKernel([]).name).toBe('plain');
  });

  it('passes over a kernel of which a single lane is wrong', () => {
    for (const lanes of [2, 4, 8]) {
      for (let broken = 0; broken < lanes; broken += 1) {
        const scanner = (): Scanner => {
          let header = new Uint8Array(80);
          const tops = new Uint32Array(lanes);
          return {
            lanes,
            most: 1,
            tops,
            prepare: (next) => (header = new Uint8Array(next)),
            scan: (start, _groups, limit) => {
              for (let lane = 0; lane < lanes; lane += 1) {
                const { best } = plain.search(header, IMPOSSIBLE, (start + lane) % 0x1_0000_0000, 1);
                tops[lane] = new DataView(best.buffer, best.byteOffset).getUint32(28, true) ^ (lane === broken ? 0x8000_0000 : 0);
              }
              return tops.some((top) => top <= limit) ? 0 : -1;
            },
          };
        };
        expect(chooseKernel([() => new ScanKernel('avx2', scanner())]).name).toBe('plain');
      }
    }
  });
});
