import { describe, expect, it } from 'vitest';
import { memoryOf } from './report.ts';
import { plane, slope } from './slope.ts';

describe('lines through samples', () => {
  it('have the slope of the line that the samples are on, and of the nearest one when they are beside it', () => {
    expect(slope([1, 2, 5, 9].map((x) => ({ x, y: 3 - 2 * x })))).toBeCloseTo(-2, 12);
    // By hand: x 0 1 2, y 0 0 3.
    expect(slope([{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 2, y: 3 }])).toBeCloseTo(1.5, 12);
    expect(slope([{ x: 1, y: 1 }])).toBeNaN();
  });

  it('tell what time costs from what a block costs, unless blocks come as time goes', () => {
    const points = Array.from({ length: 40 }, (_, i) => ({ time: i / 20, blocks: 100 * Math.floor(i / 7), y: 5 + 0.25 * (i / 20) + 115 * 100 * Math.floor(i / 7) }));
    const { perTime, perBlock } = plane(points);
    expect(perTime).toBeCloseTo(0.25, 6);
    expect(perBlock).toBeCloseTo(115, 9);
    expect(plane(points.map(({ time, y }) => ({ time, blocks: 10 * time, y }))).perBlock).toBeNaN();
  });
});

describe('the memory of a node', () => {
  it('counts from the end of the warm-up, each steady node for itself', () => {
    const samples = Array.from({ length: 20 }, (_, i) => [
      { node: 0, at: i * 360_000, blocks: i * (i % 3), rss: i < 5 ? 1e9 : 1e8 + i * 1e5, used: 2e7 + 115 * i * (i % 3) },
      { node: 1, at: i * 360_000, blocks: i, rss: 5e7, used: 1e7 },
    ]).flat();
    const [first, second, ...others] = memoryOf(samples, [0, 1], 5 * 360_000);
    expect(others).toEqual([]);
    expect(first?.samples).toBe(15);
    expect(first?.rssPerHour).toBeCloseTo(1, 9);
    expect(first?.usedPerBlock).toBeCloseTo(115, 6);
    expect(first?.usedPerHourAlone).toBeCloseTo(0, 6);
    expect(second).toMatchObject({ node: 1, rssPerHour: 0, usedPerHour: 0 });
  });
});
