import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MEDIAN_TIME_SPAN } from '../../../src/node/consensus/limits.ts';
import { medianTimePast } from '../../../src/node/consensus/median-time.ts';

it('is the middle of eleven, whatever their order', () => {
  const times = [5, 1, 9, 3, 7, 11, 2, 8, 4, 10, 6];
  expect(medianTimePast(times)).toBe(6);
  expect(times[0]).toBe(5);
});

it('of fewer is the upper middle, as Bitcoin has it', () => {
  expect(medianTimePast([7])).toBe(7);
  expect(medianTimePast([7, 9])).toBe(9);
  expect(medianTimePast([1, 2, 3, 4])).toBe(3);
});

it('sorts as numbers', () => {
  expect(medianTimePast([10, 9, 100])).toBe(10);
});

it(`looks at the last ${MEDIAN_TIME_SPAN} only`, () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 11, maxLength: 30 }), (times) => {
      expect(medianTimePast(times)).toBe(times.slice(-MEDIAN_TIME_SPAN).toSorted((a, b) => a - b)[5]);
    }),
  );
});

it('of none is a bug', () => {
  expect(() => medianTimePast([])).toThrow(RangeError);
});
