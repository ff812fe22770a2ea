import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  barHeights,
  forkMarks,
  trackHeight,
  trackX,
  windowOnTrack,
} from '../../../src/renderer/stage/overview/buckets.ts';

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
