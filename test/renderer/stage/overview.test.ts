import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heightFrom } from '../../../src/renderer/stage/GoTo.tsx';
import { OVERVIEW_BUCKETS } from '../../../src/renderer/stage/limits.ts';
import {
  barHeights,
  bucketRanges,
  bucketsFromTimes,
  forkMarks,
  trackHeight,
  trackX,
  windowOnTrack,
} from '../../../src/renderer/stage/overview/buckets.ts';

const aTip = fc.integer({ min: 0, max: 5_000_000 });

describe('bucketRanges', () => {
  it('covers every height once, in order, in at most that many runs', () => {
    fc.assert(
      fc.property(aTip, fc.integer({ min: 1, max: OVERVIEW_BUCKETS }), (tip, count) => {
        const ranges = bucketRanges(tip, count);
        expect(ranges.length).toBeLessThanOrEqual(count);
        let next = 0;
        for (const { from, to } of ranges) {
          expect(from).toBe(next);
          expect(to).toBeGreaterThanOrEqual(from);
          next = to + 1;
        }
        expect(next).toBe(tip + 1);
      }),
    );
  });
});

describe('bucketsFromTimes', () => {
  it('gives the mean gap, also over a bucket\'s edge', () => {
    const times = [0, 10, 40, 50, 60, 90];
    expect(bucketsFromTimes(5, 6, (height) => times[height]).map(({ meanGap }) => meanGap)).toEqual([null, 10, 30, 10, 10, 30]);
    expect(bucketsFromTimes(5, 2, (height) => times[height]).map(({ meanGap }) => meanGap)).toEqual([20, 50 / 3]);
  });

  it('says nothing of what is not known, and nothing below zero of clocks that go back', () => {
    expect(bucketsFromTimes(3, 4, (height) => (height > 1 ? height : undefined)).map(({ meanGap }) => meanGap)).toEqual([null, null, null, 1]);
    expect(bucketsFromTimes(1, 2, (height) => 100 - height)[1]?.meanGap).toBe(0);
  });
});

describe('barHeights', () => {
  it('is taller where blocks took longer, and shortest where nothing is known', () => {
    const [short, long, none] = barHeights([
      { from: 0, to: 0, meanGap: 5 },
      { from: 1, to: 1, meanGap: 60 },
      { from: 2, to: 2, meanGap: null },
    ]);
    expect(long).toBeGreaterThan(short ?? 0);
    expect(none).toBe(3);
    expect(barHeights([{ from: 0, to: 0, meanGap: 0 }])).toEqual([3]);
  });
});

describe('the track', () => {
  it('leads from a height to a pixel and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }), (a, b) => {
        const [height, tip] = [Math.min(a, b), Math.max(a, b)];
        expect(trackHeight(trackX(height, tip, 1200), tip, 1200)).toBe(height);
      }),
    );
    expect(trackHeight(-50, 100, 1200)).toBe(0);
    expect(trackHeight(5000, 100, 1200)).toBe(100);
    expect(trackHeight(5, 100, 0)).toBe(0);
  });

  it('keeps the window on it, wide enough to take hold of', () => {
    fc.assert(
      fc.property(aTip, fc.double({ min: -20, max: 5_000_000, noNaN: true }), fc.double({ min: 0, max: 3000, noNaN: true }), (tip, first, length) => {
        const { left, width } = windowOnTrack(first, first + length, tip, 1200);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(width).toBeGreaterThanOrEqual(20);
        expect(left + width).toBeLessThanOrEqual(1200.001);
      }),
    );
  });

  it('lets forks share a mark that would cover each other', () => {
    expect(forkMarks([10, 11, 900_000], 1_000_000, 1200)).toEqual([0, 1080]);
  });
});

describe('heightFrom', () => {
  it('takes heights as people write them, up to the tip', () => {
    expect(heightFrom('1312', 1317)).toBe(1312);
    expect(heightFrom(' 1,312 ', 1317)).toBe(1312);
    expect(heightFrom('0', 0)).toBe(0);
    for (const text of ['', '-1', '1.5', 'tip', '1318', '99999999999']) expect(heightFrom(text, 1317), text).toBeNull();
  });
});
