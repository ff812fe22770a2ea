import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChainOverview } from '../../../src/shared/chain-view.ts';
import { OVERVIEW_REFRESH_MS } from '../../../src/renderer/stage/limits.ts';
import {
  barHeights,
  forkMarks,
  trackHeight,
  trackX,
  windowOnTrack,
} from '../../../src/renderer/stage/overview/buckets.ts';
import { OverviewReader } from '../../../src/renderer/stage/overview/overviewReader.ts';

const aTip = fc.integer({ min: 0, max: 5_000_000 });

describe('barHeights', () => {
  it('is taller where blocks took longer, and shortest where times stand still or run backwards', () => {
    const [short, long, none, back] = barHeights([5, 60, 0, -20]);
    expect(long).toBeGreaterThan(short ?? 0);
    expect([none, back]).toEqual([3, 3]);
    expect(barHeights([0])).toEqual([3]);
    expect(barHeights([])).toEqual([]);
  });

  it('caps one enormous gap, and still tells the others apart', () => {
    const halfAYear = 15_000_000;
    const [first, short, long] = barHeights([halfAYear, 5, 10, 5, 10]);
    expect(first).toBe(16);
    expect(long).toBeGreaterThan(short ?? 0);
    expect(long).toBeLessThan(16);
  });

  it('stays within the track for any times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -7200, max: 10_000_000 })), (seconds) => {
        for (const bar of barHeights(seconds)) {
          expect(bar).toBeGreaterThanOrEqual(3);
          expect(bar).toBeLessThanOrEqual(16);
        }
      }),
    );
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
    const at = (height: number, forks: number) => ({ from: height, to: height, forks });
    expect(forkMarks([at(10, 1), at(11, 2), at(500_000, 0), at(900_000, 1)], 1_000_000, 1200)).toEqual([0, 1080]);
  });
});

describe('OverviewReader', () => {
  const overviewOf = (height: number): ChainOverview => ({ tip: { hash: '00', height }, buckets: [], blocks: height + 1, forks: 0 });
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('shows every answer, also when blocks come faster than answers', async () => {
    const shown: number[] = [];
    let height = 0;
    const ask = (): Promise<ChainOverview> => {
      const asked = overviewOf(height);
      return new Promise((resolve) => setTimeout(() => resolve(asked), 300));
    };
    const reader = new OverviewReader(ask, ({ tip }) => shown.push(tip.height));
    for (let block = 1; block <= 100; block += 1) {
      height = block;
      reader.want(10);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(shown).toHaveLength(5);
    // And the last state of the chain, when it stands still.
    await vi.advanceTimersByTimeAsync(2 * OVERVIEW_REFRESH_MS);
    expect(shown.at(-1)).toBe(height);
  });

  it('asks one question at a time, and goes on after one that failed', async () => {
    let waiting: ((thrown: Error) => void)[] = [];
    const ask = vi.fn((): Promise<ChainOverview> => new Promise((_, reject) => waiting.push(reject)));
    const reader = new OverviewReader(ask, () => undefined);
    reader.want(10);
    await vi.advanceTimersByTimeAsync(5 * OVERVIEW_REFRESH_MS);
    reader.want(20);
    await vi.advanceTimersByTimeAsync(5 * OVERVIEW_REFRESH_MS);
    expect(ask.mock.calls).toEqual([[10]]);
    waiting[0]?.(new Error('closing'));
    waiting = [];
    await vi.advanceTimersByTimeAsync(0);
    expect(ask.mock.calls).toEqual([[10], [20]]);
    reader.want(30);
    reader.stop();
    waiting[0]?.(new Error('closing'));
    await vi.advanceTimersByTimeAsync(5 * OVERVIEW_REFRESH_MS);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});
