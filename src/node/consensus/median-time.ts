import { MEDIAN_TIME_SPAN } from './limits.ts';

/**
 * Median of the times of a block and its ancestors, as Bitcoin takes it (the upper one of an even number). `times` are those of
 * the last up to 11 blocks in any order; of more than 11 only the last 11 count. Throws RangeError when there are none.
 */
export function medianTimePast(times: readonly number[]): number {
  const last = times.length > MEDIAN_TIME_SPAN ? times.slice(-MEDIAN_TIME_SPAN) : times;
  // Most blocks come in the order of their times.
  const sorted = isAscending(last) ? last : [...last].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (median === undefined) throw new RangeError('the median needs at least one time');
  return median;
}

function isAscending(times: readonly number[]): boolean {
  for (let i = 1; i < times.length; i++) if ((times[i - 1] as number) > (times[i] as number)) return false;
  return true;
}
