/** The whole chain in as many columns as there is room for: how long its blocks took, and where it forked. Pure. */
import type { OverviewBucket } from '../../../shared/chain-view.ts';

/** Shortest and tallest bar, in pixels. */
const BAR_MIN = 3;
const BAR_MAX = 16;
/** Gaps of that many times the usual one have the tallest bar. */
const TALLEST = 3;

/**
 * Heights of the bars in pixels, for seconds between blocks. The usual gap is the median of those that are: a mean would be pushed out of
 * all proportion by one night without mining, or by the months between a built-in first block and the second. Times in headers may run
 * backwards: such a gap is drawn as none.
 */
export function barHeights(seconds: readonly number[]): number[] {
  const gaps = seconds.filter((gap) => gap > 0).sort((a, b) => a - b);
  const usual = gaps[gaps.length >> 1] ?? 0;
  return seconds.map((gap) => (usual > 0 && gap > 0 ? Math.round(BAR_MIN + (BAR_MAX - BAR_MIN) * Math.min(1, gap / (TALLEST * usual))) : BAR_MIN));
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

/** Pixels of the forks' marks: in the middle of the buckets that have one; marks that would cover each other are one. */
export function forkMarks(buckets: readonly Pick<OverviewBucket, 'from' | 'to' | 'forks'>[], tipHeight: number, width: number): number[] {
  const marks = new Set<number>();
  for (const { from, to, forks } of buckets) {
    if (forks > 0) marks.add(Math.round(trackX((from + to) / 2, tipHeight, width) / 3) * 3);
  }
  return [...marks].sort((a, b) => a - b);
}
