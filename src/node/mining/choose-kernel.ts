import { equalBytes } from '../util/bytes.ts';
import { PlainKernel } from './kernel.ts';
import type { HashKernel } from './types.ts';
import { WasmKernel } from './wasm-kernel.ts';

/** The kernels in WebAssembly, the fastest first. SIMD was more than twice as fast as scalar wherever it was measured (docs/performance.md). */
const FAST: readonly (() => HashKernel)[] = [() => WasmKernel.simd(), () => WasmKernel.scalar()];

/** Nonces that a kernel has to search like the plain one before it is trusted: more than a group, and no whole number of groups. */
const TRIAL = { start: 0xffff_fff0, count: 15 } as const;

/**
 * The fastest kernel that this machine can run and that gives what the plain one gives. A processor or an engine without the means, or
 * with a fault in them, costs speed and nothing else.
 */
export function chooseKernel(fast: readonly (() => HashKernel)[] = FAST): HashKernel {
  const plain = new PlainKernel();
  for (const make of fast) {
    try {
      const kernel = make();
      if (agrees(kernel, plain)) return kernel;
    } catch {
      // No such instructions, or no memory for the code: the next one.
    }
  }
  return plain;
}

function agrees(kernel: HashKernel, plain: HashKernel): boolean {
  const header = Uint8Array.from({ length: 80 }, (_, index) => (index * 37 + 11) & 0xff);
  const impossible = new Uint8Array(32);
  const expected = plain.search(header, impossible, TRIAL.start, TRIAL.count);
  const miss = kernel.search(header, impossible, TRIAL.start, TRIAL.count);
  if (miss.nonce !== -1 || miss.hashes !== TRIAL.count || !equalBytes(miss.best, expected.best)) return false;
  // With the lowest hash as the target there is just one nonce to be found.
  const [found, hit] = [plain, kernel].map((each) => each.search(header, expected.best, TRIAL.start, TRIAL.count));
  return hit?.nonce === found?.nonce && hit?.hashes === found?.hashes;
}
