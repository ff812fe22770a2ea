import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainColumns, CHUNK } from '../../../../src/renderer/stage/index/columns.ts';
import { hueOf, sealOf } from '../../../../src/renderer/stage/seal/seal.ts';

const aHash = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 64, maxLength: 64 }).map((digits) => digits.map((digit) => digit.toString(16)).join(''));
/** A hash that says its height in its last bytes. */
const hashOf = (height: number, branch = 0): string => (height * 16 + branch).toString(16).padStart(64, '0');
const page = (from: number, count: number, branch = 0): [string, number[]] => [
  Array.from({ length: count }, (_, i) => hashOf(from + i, branch)).join(''),
  Array.from({ length: count }, (_, i) => from + i),
];

describe('ChainColumns', () => {
  it('keeps what seals and sockets are made from', () => {
    fc.assert(
      fc.property(aHash, fc.integer({ min: 0, max: 10 * CHUNK }), fc.integer({ min: 0, max: 0xffff_ffff }), (hash, height, time) => {
        const columns = new ChainColumns();
        columns.set(height, hash, time);
        expect(columns.tailAt(height)).toBe(hash.slice(-16));
        expect(columns.hueAt(height)).toBe(hueOf(hash));
        expect(sealOf(columns.tailAt(height) ?? '')).toEqual(sealOf(hash));
        expect(columns.timeAt(height)).toBe(time);
        expect(columns.matches(height, hash)).toBe(true);
        expect(columns.matches(height, `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}`)).toBe(false);
        expect([columns.has(height + 1), columns.hueAt(height + 1), columns.tailAt(height + 1)]).toEqual([false, -1, undefined]);
      }),
    );
  });

  it('UI-7 knows the right hash ending at height 0, 500,000 and 999,999 of a million blocks, in 13 MB at most', () => {
    const columns = new ChainColumns();
    for (let from = 0; from < 1_000_000; from += CHUNK) columns.take(from, ...page(from, Math.min(CHUNK, 1_000_000 - from)));
    for (const height of [0, 500_000, 999_999]) expect(columns.tailAt(height)).toBe(hashOf(height).slice(-16));
    expect(columns.tailAt(1_000_000)).toBeUndefined();
    expect(columns.count).toBe(1_000_000);
    expect(columns.missing(1_000_000, 0)).toBeNull();
    expect(columns.bytes).toBeLessThan(13_000_000);
  });

  it('behaves as a map of heights, whatever comes and goes', () => {
    const aHeight = fc.integer({ min: 0, max: 3 * CHUNK });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), height: aHeight, branch: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ kind: fc.constant('take' as const), height: aHeight, count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ kind: fc.constant('cut' as const), height: aHeight }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), aHeight, (actions, probe) => {
        const columns = new ChainColumns();
        const model = new Map<number, string>();
        for (const each of actions) {
          if (each.kind === 'set') {
            columns.set(each.height, hashOf(each.height, each.branch), 1);
            model.set(each.height, hashOf(each.height, each.branch));
          } else if (each.kind === 'cut') {
            columns.truncate(each.height);
            for (const height of [...model.keys()]) if (height >= each.height) model.delete(height);
          } else {
            const heights = Array.from({ length: each.count }, (_, i) => each.height + i);
            const fits = heights.every((height) => (model.get(height) ?? hashOf(height)) === hashOf(height));
            expect(columns.take(each.height, ...page(each.height, each.count))).toBe(fits);
            if (fits) for (const height of heights) model.set(height, hashOf(height));
          }
        }
        expect(columns.count).toBe(model.size);
        for (const [height, hash] of model) expect(columns.tailAt(height)).toBe(hash.slice(-16));
        expect(columns.has(probe)).toBe(model.has(probe));
        expect(columns.highestBelow(probe)).toBe(Math.max(-1, ...[...model.keys()].filter((height) => height < probe)));
      }),
    );
  });

  it('names what is missing, nearest first, until nothing is', () => {
    const columns = new ChainColumns();
    const length = 5 * CHUNK + 100;
    columns.take(2 * CHUNK + 10, ...page(2 * CHUNK + 10, 50));
    const asked: number[] = [];
    for (let next = columns.missing(length, 2 * CHUNK); next !== null; next = columns.missing(length, 2 * CHUNK)) {
      expect(Math.floor(next.from / CHUNK)).toBe(Math.floor((next.from + next.limit - 1) / CHUNK));
      asked.push(Math.floor(next.from / CHUNK));
      expect(columns.take(next.from, ...page(next.from, next.limit))).toBe(true);
    }
    expect(asked).toEqual([2, 3, 1, 4, 0, 5]);
    expect(columns.count).toBe(length);
    expect(columns.missing(length + 1, 0)).toEqual({ from: length, limit: 1 });
  });

  it('asks only for the run that is missing', () => {
    const columns = new ChainColumns();
    columns.take(0, ...page(0, 100));
    columns.take(200, ...page(200, 50));
    expect(columns.missing(250, 0)).toEqual({ from: 100, limit: 100 });
  });
});
