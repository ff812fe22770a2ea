import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KERNEL_MODULE, kernelModule } from '../../../scripts/lib/kernel-module.mjs';
import { LAYOUT } from '../../../scripts/lib/kernel-wat.mjs';
import { bitsToTarget, targetToBytes } from '../../../src/node/consensus/target.ts';
import { chooseKernel } from '../../../src/node/mining/choose-kernel.ts';
import { PlainKernel } from '../../../src/node/mining/kernel.ts';
import { KERNEL_LAYOUT } from '../../../src/node/util/sha256-module.ts';
import type { HashKernel } from '../../../src/node/mining/types.ts';
import { WasmKernel } from '../../../src/node/mining/wasm-kernel.ts';
import { bigIntToBytesLE, bytesToBigIntLE, displayHash, fromHex } from '../../../src/node/util/bytes.ts';

const plain = new PlainKernel();
const IMPOSSIBLE = new Uint8Array(32);
const HIGHEST = new Uint8Array(32).fill(0xff);

// Headers of the Bitcoin chain, as any block explorer shows them: blocks 0, 1, 170 (the first payment) and 125552.
const PUBLISHED = [
  {
    hash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
    header:
      '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
  },
  {
    hash: '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048',
    header:
      '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
  },
  {
    hash: '00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee',
    header:
      '0100000055bd840a78798ad0da853f68974f3d183e2bd1db6a842c1feecf222a00000000ff104ccb05421ab93e63f8c3ce5c2c2e9dbb37de2764b3a3175c8166562cac7d51b96a49ffff001d283e9e70',
  },
  {
    hash: '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d',
    header:
      '0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695',
  },
];

describe('the module', () => {
  it('is what its source assembles to, byte for byte', async () => {
    expect(await readFile(KERNEL_MODULE, 'utf8')).toBe(await kernelModule());
    expect(KERNEL_LAYOUT).toEqual(LAYOUT);
  });
});

describe.each([
  ['scalar', WasmKernel.scalar()],
  ['SIMD', WasmKernel.simd()],
])('the %s kernel', (_name, kernel) => {
  it.each(PUBLISHED)('finds the nonce of $hash, and stops there', ({ hash, header }) => {
    const bytes = fromHex(header);
    const view = new DataView(bytes.buffer);
    const nonce = view.getUint32(76, true);
    const target = targetToBytes(bitsToTarget(view.getUint32(72, true)));
    for (const before of [0, 1, 2, 3, 50]) {
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

  it('tells the lowest of many hashes', () => {
    const header = new Uint8Array(80).fill(3);
    expect(kernel.search(header, IMPOSSIBLE, 1, 30_001)).toEqual(plain.search(header, IMPOSSIBLE, 1, 30_001));
  });

  it('refuses what is no header', () => {
    expect(() => kernel.search(new Uint8Array(81), HIGHEST, 0, 1)).toThrow(RangeError);
  });
});

describe('chooseKernel', () => {
  it('takes SIMD where there is SIMD', () => {
    expect(chooseKernel().name).toBe('wasm-simd');
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
});
