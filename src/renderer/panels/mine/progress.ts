/** The arithmetic of the mining panel. Pure. */
import { SUMMARY_DATA_LIMIT } from '../../../shared/blocks.ts';
import { formatNumber, plural } from '../../lib/format.ts';

/** Where the mark "average" stands on the bar: the chance to have found a block after the expected number of tries, 1 - 1/e. */
export const AVERAGE_MARK = 1 - Math.exp(-1);

/** The bar never promises an end, so it is never full. */
const MOST = 0.995;

/** Chance to have found a block after so many tries, 0 to 0.995: how far the bar is filled. */
export function workDone(hashes: number, expectedHashes: number): number {
  if (expectedHashes <= 0 || hashes <= 0) return 0;
  return Math.min(MOST, 1 - Math.exp(-hashes / expectedHashes));
}

const KERNELS: Readonly<Record<string, string>> = {
  'sha-ni': 'native SHA-NI',
  avx2: 'native AVX2',
  'wasm-simd': 'WebAssembly SIMD',
  wasm: 'WebAssembly',
  plain: 'Node’s own hashing',
};

/** What mines, in words: `7 threads, WebAssembly SIMD`. The kernel is known once a thread has started. */
export function minedBy(workers: number, kernel: string | undefined): string {
  const threads = plural(workers, 'thread');
  return kernel === undefined ? threads : `${threads}, ${KERNELS[kernel] ?? kernel}`;
}

/** What waits: blocks to be mined after the one at work, and transactions for the next block. Empty when nothing does. */
export function waitingWords(blocks: number, transactions: number): { short: string; full: string } {
  const jobs = blocks === 0 ? [] : [{ short: `${formatNumber(blocks)} waiting`, full: `${plural(blocks, 'block')} to be mined after this one.` }];
  const pool = transactions === 0 ? [] : [{ short: plural(transactions, 'transaction'), full: `${plural(transactions, 'transaction')} for the next block.` }];
  const all = [...jobs, ...pool];
  return { short: all.map(({ short }) => short).join(', '), full: all.map(({ full }) => full).join(' ') };
}

/** What was given up when mining was stopped, or empty. */
export function droppedWords(dropped: number | undefined): string {
  if (dropped === undefined || dropped === 0) return '';
  return dropped === 1 ? '1 waiting block was dropped.' : `${formatNumber(dropped)} waiting blocks were dropped.`;
}

/** The start of the data that is mined, when it is not what the field says; else null. `preview` is a whole text, or the first SUMMARY_DATA_LIMIT code points of one. */
export function otherData(preview: string, text: string): string | null {
  return preview === text || (preview.length >= SUMMARY_DATA_LIMIT && text.startsWith(preview)) ? null : preview;
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
