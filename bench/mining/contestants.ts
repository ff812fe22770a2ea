import * as crypto from 'node:crypto';
import { NONCE_OFFSET } from '../../src/node/primitives/header.ts';
import { PlainKernel } from '../../src/node/mining/kernel.ts';
import { nativeKernel } from '../../src/node/mining/native-kernel.ts';
import type { HashKernel } from '../../src/node/mining/types.ts';
import { WasmKernel } from '../../src/node/mining/wasm-kernel.ts';
import { Int32Kernel } from './int32.ts';
import { tutorialMine, tutorialSha256 } from './tutorial.ts';

export interface Contestant {
  name: string;
  /** Tries a call makes: some milliseconds. */
  tries: number;
  /** Tries that many, beginning at `start`; nothing is found. */
  run: (start: number) => void;
  /** Throws when what it computes is not what it should be. */
  check: () => void;
}

const IMPOSSIBLE = new Uint8Array(32);

function expectSame(name: string, got: unknown, expected: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`${name} gives ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}

function kernelContestant(name: string, kernel: HashKernel, header: Uint8Array, tries: number): Contestant {
  return {
    name,
    tries,
    run: (start) => void kernel.search(header, IMPOSSIBLE, start, tries),
    check: () => {
      const plain = new PlainKernel();
      const miss = plain.search(header, IMPOSSIBLE, 7, 999);
      expectSame(name, kernel.search(header, IMPOSSIBLE, 7, 999), miss);
      expectSame(name, kernel.search(header, miss.best, 7, 999), plain.search(header, miss.best, 7, 999));
    },
  };
}

/** The loop that `node:crypto` leads to, with either of its two ways to hash. */
function cryptoContestant(name: string, hash: (bytes: Uint8Array) => Uint8Array, header: Uint8Array): Contestant {
  const tries = 2_000;
  const bytes = new Uint8Array(header);
  const view = new DataView(bytes.buffer);
  const tryAt = (nonce: number): Uint8Array => {
    view.setUint32(NONCE_OFFSET, nonce, true);
    return hash(hash(bytes));
  };
  return {
    name,
    tries,
    run: (start) => {
      for (let nonce = start; nonce < start + tries; nonce += 1) if (tryAt(nonce)[31] === 0 && tryAt(nonce).every((byte) => byte === 0)) throw new Error('impossible');
    },
    check: () => {
      expectSame(name, Buffer.from(tryAt(7)).toString('hex'), Buffer.from(new PlainKernel().search(header, IMPOSSIBLE, 7, 1).best).toString('hex'));
    },
  };
}

/** The native kernels, where a compiler has put them beside this bench and the processor has the instructions. */
export function nativeKernels(): HashKernel[] {
  return (['sha-ni', 'avx2'] as const).flatMap((name) => {
    try {
      return [nativeKernel(name)];
    } catch {
      return [];
    }
  });
}

/** @param header 80 bytes */
export function contestants(header: Uint8Array): Contestant[] {
  const block = {
    index: 1_000,
    previousHash: Buffer.from(header.subarray(4, 36)).toString('hex'),
    timestamp: 1_767_225_600,
    data: { from: 'aster', to: 'birch', amount: 12, note: 'the data of one block, as a tutorial would have it' },
    difficulty: 64,
  };
  const tutorialTries = 500;
  const oneShot = (crypto as { hash?: (algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array }).hash;
  return [
    {
      name: 'tutorial',
      tries: tutorialTries,
      run: (start) => void tutorialMine(block, start, tutorialTries),
      check: () => {
        for (const text of ['', 'abc', 'ü'.repeat(100), JSON.stringify(block)]) {
          expectSame('tutorial', tutorialSha256(text), crypto.createHash('sha256').update(text).digest('hex'));
        }
      },
    },
    cryptoContestant('createHash', (bytes) => crypto.createHash('sha256').update(bytes).digest(), header),
    ...(oneShot === undefined ? [] : [cryptoContestant('crypto.hash', (bytes) => oneShot('sha256', bytes, 'buffer'), header)]),
    kernelContestant('int32', new Int32Kernel(), header, 8_192),
    kernelContestant('wasm', WasmKernel.scalar(), header, 16_384),
    kernelContestant('wasm-simd', WasmKernel.simd(), header, 16_384),
    ...nativeKernels().map((kernel) => kernelContestant(kernel.name, kernel, header, 16_384)),
  ];
}
