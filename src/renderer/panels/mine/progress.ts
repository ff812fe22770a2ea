/** The arithmetic of the mining panel. Pure. */
import { plural } from '../../lib/format.ts';

/** Where the mark "average" stands on the bar: the chance to have found a block after the expected number of tries, 1 - 1/e. */
export const AVERAGE_MARK = 1 - Math.exp(-1);

/** The bar never promises an end, so it is never full. */
const MOST = 0.995;

/** Chance to have found a block after so many tries, 0 to 0.995: how far the bar is filled. */
export function workDone(hashes: number, expectedHashes: number): number {
  if (expectedHashes <= 0 || hashes <= 0) return 0;
  return Math.min(MOST, 1 - Math.exp(-hashes / expectedHashes));
}

const KERNELS: Readonly<Record<string, string>> = { 'wasm-simd': 'WebAssembly SIMD', wasm: 'WebAssembly', plain: 'Node’s own hashing' };

/** What mines, in words: `7 threads, WebAssembly SIMD`. The kernel is known once a thread has started. */
export function minedBy(workers: number, kernel: string | undefined): string {
  const threads = plural(workers, 'thread');
  return kernel === undefined ? threads : `${threads}, ${KERNELS[kernel] ?? kernel}`;
}

/** What waits to be taken along by the next block; empty when nothing does. */
export function waitingTransactions(count: number): string {
  return count === 0 ? '' : `${plural(count, 'transaction')} ${count === 1 ? 'waits' : 'wait'} for the next block.`;
}

/** How the tries compare with the average, in words. */
export function workInWords(hashes: number, expectedHashes: number): string {
  if (expectedHashes <= 0) return '';
  const ratio = hashes / expectedHashes;
  if (ratio < 0.1) return 'just begun';
  if (ratio < 0.9) return `${Math.round(ratio * 100)}% of what an average block needs`;
  if (ratio < 1.1) return 'about what an average block needs';
  return `${ratio.toFixed(1)} times what an average block needs`;
}
