import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boxHeight,
  firstInSight,
  firstWhole,
  heightLimit,
  measured,
  range,
  recounted,
  rested,
  revealed,
  ROW_HEIGHT,
  rowTop,
  scrolled,
  START,
  topOf,
  type Place,
} from '../../../src/renderer/stage/rowScroll.ts';

const VIEW = 560;
const FEW = 3000;
const MANY = [1_200_001, 5_000_001] as const;
const table = (count: number, view = VIEW): Place => measured({ ...START, count }, view, heightLimit(1));
/** What a browser lets the box be scrolled by. */
const most = (place: Place): number => boxHeight(place) - place.view;
/** What the thumb does: one long way to a place in the box, then the end of the scrolling. */
const dragged = (place: Place, scroll: number): Place => rested(scrolled(place, scroll - place.scroll));
/** Rows that a person sees, wholly or not, by where they stand in the box. */
function seen(place: Place): number[] {
  const [first, last] = range(place);
  const rows: number[] = [];
  for (let index = first; index <= last; index += 1) {
    const top = rowTop(place, index) - place.scroll;
    if (top + ROW_HEIGHT > 0 && top < place.view) rows.push(index);
  }
  return rows;
}
function expectWhole(place: Place, index: number): void {
  const top = rowTop(place, index) - place.scroll;
  expect(top).toBeGreaterThanOrEqual(0);
  expect(top + ROW_HEIGHT).toBeLessThanOrEqual(place.view);
  expect(place.scroll).toBeGreaterThanOrEqual(0);
  expect(place.scroll).toBeLessThanOrEqual(most(place));
}
function expectWithoutGaps(place: Place): void {
  const rows = seen(place);
  expect(rows.length).toBeGreaterThanOrEqual(Math.floor(place.view / ROW_HEIGHT));
  rows.forEach((index, nth) => expect(index).toBe((rows[0] ?? 0) + nth));
}

describe('a table that fits', () => {
  it('is scrolled as any box is', () => {
    for (const scroll of [0, 7, 320, 40_000, most(table(FEW))]) {
      const place = dragged(table(FEW), scroll);
      expect(place).toMatchObject({ scroll, origin: 0 });
      expect(topOf(place)).toBe(scroll);
      expect(firstInSight(place)).toBe(Math.floor(scroll / ROW_HEIGHT));
      expectWithoutGaps(place);
    }
    expect(boxHeight(table(FEW))).toBe(FEW * ROW_HEIGHT);
    expect(range(table(0))).toEqual([0, -1]);
    const still = dragged(table(FEW), 40_000);
    expect(rested(still)).toBe(still);
  });

  it('has rows for the sight before it is measured, and those that exist only', () => {
    expect(range({ ...START, count: 3 })).toEqual([0, 2]);
    expect(range({ ...START, count: 300 })[1]).toBeGreaterThan(0);
  });
});

describe.each(MANY)('a table of %i rows', (count) => {
  it('is no higher than what Chromium can place, at any zoom', () => {
    for (const ratio of [1, 1.25, 2, 4, 10]) {
      const place = measured(table(count), VIEW, heightLimit(ratio));
      expect(boxHeight(place) * ratio).toBeLessThan(33_554_430);
      expectWhole(revealed(place, count - 1), count - 1);
    }
  });

  it('comes to every row by keyboard, and to both ends', () => {
    const place = table(count);
    for (const index of [count - 1, 0, count - 1, count >> 1, count - 2, 1, 150_999, 1_048_575, count - 9, 8]) expectWhole(revealed(place, index), index);
    const end = revealed(place, count - 1);
    expect(seen(end).at(-1)).toBe(count - 1);
    expect(end.scroll).toBe(most(end));
    expect(revealed(end, 0)).toMatchObject({ scroll: 0, origin: 0 });
    // One row after the other over the places where the origin begins to move, and in the middle.
    const edge = Math.floor(boxHeight(place) / 8 / ROW_HEIGHT);
    for (const from of [0, edge - 40, count >> 1, count - edge - 40, count - 80]) {
      let at = revealed(place, from);
      for (let index = from; index < from + 80; index += 1) {
        const before = topOf(at);
        at = rested(revealed(at, index));
        expectWhole(at, index);
        expectWithoutGaps(at);
        if (index > from) expect(topOf(at) - before).toBeLessThanOrEqual(ROW_HEIGHT);
      }
    }
  });

  it('moves by as much as a wheel says, row by row, and stays when it comes to rest', () => {
    for (const start of [0, 0.1, 0.13, 0.5, 0.87, 0.99]) {
      let place = dragged(table(count), Math.round(most(table(count)) * start));
      for (let nth = 0; nth < 200; nth += 1) {
        const [by, before] = [nth < 120 ? 100 : -100, topOf(place)];
        const possible = Math.min(by, most(place) - place.scroll);
        place = scrolled(place, Math.max(possible, -place.scroll));
        if (possible === by && before + by >= 0) expect(topOf(place) - before).toBe(by);
        expectWithoutGaps(place);
        if (nth % 7 !== 0) continue;
        const before2 = seen(place).map((index) => [index, rowTop(place, index) - place.scroll]);
        place = rested(place);
        expect(seen(place).map((index) => [index, rowTop(place, index) - place.scroll])).toEqual(before2);
        expect(rested(place)).toBe(place);
      }
    }
  });

  it('never comes to an end of its box that is none of the list, however far it is wheeled without a rest', () => {
    let place = dragged(table(count), boxHeight(table(count)) / 8 + 50_000);
    const rows = firstInSight(place);
    let wheeled = 0;
    while (place.scroll > 0) {
      const before = topOf(place);
      place = scrolled(place, -Math.min(1000, place.scroll));
      wheeled += before - topOf(place);
    }
    expect(topOf(place)).toBe(0);
    expect(wheeled).toBeGreaterThanOrEqual(rows * ROW_HEIGHT);
    place = dragged(table(count), most(table(count)) - boxHeight(table(count)) / 8 - 50_000);
    while (place.scroll < most(place)) place = scrolled(place, Math.min(1000, most(place) - place.scroll));
    expect(seen(place).at(-1)).toBe(count - 1);
  });

  it('follows the thumb over the whole list, and never backwards', () => {
    let place = table(count);
    let before = -1;
    for (let step = 0; step <= 400; step += 1) {
      place = dragged(place, (most(place) * step) / 400);
      expectWithoutGaps(place);
      expect(topOf(place)).toBeGreaterThan(before);
      before = topOf(place);
    }
    expect(seen(place).at(-1)).toBe(count - 1);
    expect(topOf(dragged(place, 0))).toBe(0);
    expect(firstInSight(dragged(place, most(place) / 2)) / count).toBeCloseTo(0.5, 2);
  });

  it('keeps what is read when rows come and go above it, and when the sight changes its size', () => {
    for (const start of [0.01, 0.3, 0.7, 0.99]) {
      const place = dragged(table(count), Math.round(most(table(count)) * start));
      const index = firstWhole(place);
      const top = rowTop(place, index) - place.scroll;
      for (const moved of [1, 40, -1, -40, 5000, 0]) {
        const now = recounted(place, count + moved, moved);
        expect(rowTop(now, index + moved) - now.scroll).toBe(top);
        expectWithoutGaps(now);
      }
      for (const [view, ratio] of [[300, 1], [900, 1], [280, 2], [140, 4]] as const) {
        const now = measured(place, view, heightLimit(ratio));
        if (topOf(place) + view <= count * ROW_HEIGHT) expect(rowTop(now, index) - now.scroll).toBe(top);
        expectWithoutGaps(now);
      }
    }
    // At the top one sees what comes there.
    expect(topOf(recounted(table(count), count + 1, 1))).toBe(0);
    // At the bottom the list ends where it ends.
    const end = revealed(table(count), count - 1);
    expect(seen(recounted(end, count - 100, 0)).at(-1)).toBe(count - 101);
  });

  it('keeps a row out of sight inside its box, so that it makes it no larger', () => {
    for (const index of [0, 1000, count >> 1, count - 1]) {
      for (const start of [0, 0.4, 1]) {
        const place = dragged(table(count), most(table(count)) * start);
        expect(rowTop(place, index)).toBeGreaterThanOrEqual(0);
        expect(rowTop(place, index) + ROW_HEIGHT).toBeLessThanOrEqual(boxHeight(place));
        const standsInSight = rowTop(place, index) + ROW_HEIGHT > place.scroll && rowTop(place, index) < place.scroll + place.view;
        expect(standsInSight).toBe(seen(place).includes(index));
      }
    }
  });
});

it('whatever is done to it, what is in sight has no gap, and every row can be revealed', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wheel' as const), by: fc.integer({ min: -3000, max: 3000 }) }),
    fc.record({ kind: fc.constant('thumb' as const), by: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('reveal' as const), by: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('count' as const), by: fc.integer({ min: -500, max: 500 }) }),
    fc.record({ kind: fc.constant('size' as const), by: fc.integer({ min: 64, max: 2000 }) }),
    fc.record({ kind: fc.constant('rest' as const), by: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.constantFrom(FEW, 499_000, 501_000, ...MANY), fc.array(step, { maxLength: 40 }), (count, steps) => {
      let place = table(count);
      for (const { kind, by } of steps) {
        if (kind === 'wheel') place = scrolled(place, Math.max(-place.scroll, Math.min(by, most(place) - place.scroll)));
        else if (kind === 'thumb') place = scrolled(place, by * most(place) - place.scroll);
        else if (kind === 'reveal') {
          const index = Math.floor(by * (place.count - 1));
          place = revealed(place, index);
          expect(seen(place)).toContain(index);
        } else if (kind === 'count') place = recounted(place, place.count + by, by > 0 ? 0 : by);
        else if (kind === 'size') place = measured(place, by, heightLimit(1 + (by % 3)));
        else place = rested(place);
        expectWithoutGaps(place);
        expect(place.scroll).toBeGreaterThanOrEqual(0);
        expect(place.scroll).toBeLessThanOrEqual(most(place) + 1e-6);
      }
    }),
  );
});
