/** The whole chain in as many columns as there is room for: how long its blocks took, and where it forked. Pure. */

export interface Bucket {
  /** First and last height. */
  readonly from: number;
  readonly to: number;
  /** Seconds from block to block on average; null while that is not known. */
  readonly meanGap: number | null;
}

/** Heights 0 to `tipHeight` in at most `count` runs of nearly equal length. */
export function bucketRanges(tipHeight: number, count: number): { from: number; to: number }[] {
  const heights = tipHeight + 1;
  const runs = Math.max(1, Math.min(heights, Math.floor(count)));
  return Array.from({ length: runs }, (_, index) => ({
    from: Math.floor((index * heights) / runs),
    to: Math.floor(((index + 1) * heights) / runs) - 1,
  }));
}

/**
 * Buckets from the times of single blocks: a bucket's gap needs only the block before it and its last one.
 *
 * @param timeAt seconds since 1970 of the active block of a height; undefined when it is not known.
 */
export function bucketsFromTimes(tipHeight: number, count: number, timeAt: (height: number) => number | undefined): Bucket[] {
  return bucketRanges(tipHeight, count).map(({ from, to }) => {
    const start = Math.max(0, from - 1);
    const [first, last] = [timeAt(start), timeAt(to)];
    const known = first !== undefined && last !== undefined && to > start;
    return { from, to, meanGap: known ? Math.max(0, (last - first) / (to - start)) : null };
  });
}

/** Shortest and tallest bar, in pixels. */
const BAR_MIN = 3;
const BAR_MAX = 16;
/** Gaps of that many times the mean have the tallest bar. */
const TALLEST = 3;

/** Heights of the bars in pixels; where nothing is known, the shortest. */
export function barHeights(buckets: readonly Bucket[]): number[] {
  const known = buckets.flatMap(({ meanGap }) => (meanGap === null ? [] : [meanGap]));
  const mean = known.length === 0 ? 0 : known.reduce((sum, gap) => sum + gap, 0) / known.length;
  return buckets.map(({ meanGap }) => {
    if (meanGap === null || mean <= 0) return BAR_MIN;
    return Math.round(BAR_MIN + (BAR_MAX - BAR_MIN) * Math.min(1, meanGap / (TALLEST * mean)));
  });
}

/** Pixel of a height's middle on a track of this width. */
export function trackX(height: number, tipHeight: number, width: number): number {
  return ((height + 0.5) / (tipHeight + 1)) * width;
}

/** The height under a pixel of the track. */
export function trackHeight(x: number, tipHeight: number, width: number): number {
  if (!(width > 0)) return 0;
  return Math.min(tipHeight, Math.max(0, Math.floor((x / width) * (tipHeight + 1))));
}

/** Narrowest window on the track, in pixels: it is also what the pointer takes hold of. */
const WINDOW_MIN = 20;

/** Where on the track the heights in sight lie, at least WINDOW_MIN wide. */
export function windowOnTrack(first: number, last: number, tipHeight: number, width: number): { left: number; width: number } {
  const total = tipHeight + 1;
  const start = Math.min(total, Math.max(0, first));
  const end = Math.min(total, Math.max(start, last));
  const wide = Math.min(width, Math.max(WINDOW_MIN, ((end - start) / total) * width));
  const middle = ((start + end) / 2 / total) * width;
  return { left: Math.min(width - wide, Math.max(0, middle - wide / 2)), width: wide };
}

/** Pixels of the forks' marks; forks that would cover each other share one. */
export function forkMarks(forkHeights: Iterable<number>, tipHeight: number, width: number): number[] {
  const marks = new Set<number>();
  for (const height of forkHeights) marks.add(Math.round(trackX(height, tipHeight, width) / 3) * 3);
  return [...marks].sort((a, b) => a - b);
}
