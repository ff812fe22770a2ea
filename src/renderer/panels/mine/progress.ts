/** The arithmetic of the mining panel. Pure. */

/** Where the mark "average" stands on the bar: the chance to have found a block after the expected number of tries, 1 - 1/e. */
export const AVERAGE_MARK = 1 - Math.exp(-1);

/** The bar never promises an end, so it is never full. */
const MOST = 0.995;

/** Chance to have found a block after so many tries, 0 to 0.995: how far the bar is filled. */
export function workDone(hashes: number, expectedHashes: number): number {
  if (expectedHashes <= 0 || hashes <= 0) return 0;
  return Math.min(MOST, 1 - Math.exp(-hashes / expectedHashes));
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
