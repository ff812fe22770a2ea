import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROBES, RECENT_HEADERS, VIEWS_BEFORE_SWEEP, VIEWS_PER_STEP } from '../../../src/node/chain/limits.ts';
import { EntryViews } from '../../../src/node/chain/rows/entry-views.ts';
import { HashLookup } from '../../../src/node/chain/rows/hash-lookup.ts';
import { HeightMap } from '../../../src/node/chain/rows/height-map.ts';
import { RecentHeaders } from '../../../src/node/chain/rows/recent-headers.ts';
import { Chunk, HASH, LIVE, NO_ROW, Rows } from '../../../src/node/chain/rows/rows.ts';
import { HEADER_BYTES } from '../../../src/node/primitives/header.ts';

const turn = (): Promise<void> => Promise.resolve();
/** Every hash goes to the same place: as bad as it can get. */
const NOT_RANDOM = new Int32Array(8 * 256);
/** Eight places next to each other, so that hashes push each other on. */
const CROWDED = Int32Array.from({ length: 8 * 256 }, (_, i) => ((i * 7_919) >> 3) & 7);

/** A row whose hash is made of one number; `near` ones share the bytes that are looked at. */
function rowOf(rows: Rows, number: number, near = false): number {
  const row = rows.allocate();
  rows.set(row, HASH + (near ? 5 : 0), number);
  return row;
}

function key(number: number, near = false): Int32Array {
  const words = new Int32Array(8);
  words[near ? 5 : 0] = number;
  return words;
}

describe('rows', () => {
  it('hold what was put there, across chunks, and are given out again once they are free', () => {
    const rows = new Rows();
    const all = Array.from({ length: 10_000 }, (_, i) => rowOf(rows, i));
    expect(all.map((row) => rows.word(row, HASH))).toEqual(all);
    rows.free(7);
    expect(rows.size).toBe(9_999);
    expect(rows.flag(7, LIVE)).toBe(false);
    expect(rows.allocate()).toBe(7);
    expect(rows.word(7, HASH)).toBe(0);
    expect(rows.allocate()).toBe(10_000);
    rows.keepFirst();
    expect([rows.size, rows.end, rows.allocate()]).toEqual([1, 1, 1]);
  });

  it('keep times of arrival and sequences to 44 bits, and cut what is larger', () => {
    const chunk = new Chunk(2);
    chunk.clear(25);
    const most = 2 ** 44 - 1;
    for (const [received, sequence] of [[0, 0], [1_790_000_000_123, 2 ** 33 + 5], [most, most], [3, most], [most, 4]] as const) {
      chunk.setReceived(25, received);
      chunk.setSequence(25, sequence);
      chunk.setFlag(25, LIVE, true);
      expect([chunk.received(25), chunk.sequence(25), chunk.flag(25, LIVE)]).toEqual([received, sequence, true]);
    }
    chunk.setReceived(25, 2 ** 53);
    chunk.setSequence(25, -1);
    expect([chunk.received(25), chunk.sequence(25)]).toEqual([most, 0]);
  });
});

describe('the look-up by hash', () => {
  const steps = fc.array(fc.record({ number: fc.nat(60), near: fc.boolean(), take: fc.boolean() }), { minLength: 50, maxLength: 200, size: 'max' });

  it.each([['random numbers', undefined], ['the worst ones', NOT_RANDOM], ['few places', CROWDED]])('finds what a Map finds, with %s', (_name, random) => {
    fc.assert(
      fc.property(steps, (list) => {
        const rows = new Rows();
        const lookup = new HashLookup(rows, random);
        const model = new Map<string, number>();
        for (const { number, near, take } of list) {
          const name = near && number > 0 ? `near ${number}` : number === 0 ? '0' : String(number);
          const known = model.get(name);
          if (take && known !== undefined) {
            lookup.delete(known);
            rows.free(known);
            model.delete(name);
          } else if (!take) {
            const row = rowOf(rows, number, near);
            const other = lookup.add(row);
            expect(other).toBe(known ?? NO_ROW);
            if (other === NO_ROW) model.set(name, row);
            else rows.free(row);
          }
        }
        for (let number = 0; number <= 60; number++) {
          expect(lookup.find(key(number), 0)).toBe(model.get(String(number)) ?? NO_ROW);
          if (number > 0) expect(lookup.find(key(number, true), 0)).toBe(model.get(`near ${number}`) ?? NO_ROW);
        }
      }),
    );
  });

  it('filled in one go finds the same, goes on growing, and refuses two rows of one hash', async () => {
    const rows = new Rows();
    const lookup = new HashLookup(rows);
    const all = Array.from({ length: 5_000 }, (_, i) => rowOf(rows, i + 1));
    for (const row of all) lookup.note(row);
    expect(await lookup.fill(turn)).toBe(true);
    for (let i = 5_000; i < 9_000; i++) {
      const row = rowOf(rows, i + 1);
      all.push(row);
      expect(lookup.add(row)).toBe(NO_ROW);
    }
    expect(all.every((row, i) => lookup.find(key(i + 1), 0) === row)).toBe(true);
    expect(lookup.find(key(9_001), 0)).toBe(NO_ROW);
    const again = new HashLookup(rows);
    again.note(all[0] as number);
    again.note(rowOf(rows, 1));
    expect(await again.fill(turn)).toBe(false);
  });

  it('spreads hashes that share almost all bytes, so that a row takes few slots', () => {
    const rows = new Rows();
    const lookup = new HashLookup(rows);
    // What somebody would choose who wants them to fall together: they differ in one byte, or in multiples of a power of two.
    for (let i = 0; i < 60_000; i++) lookup.add(rowOf(rows, i % 2 === 0 ? i << 12 : i));
    expect(lookup.slots).toBeLessThanOrEqual(4 * 60_000);
  });

  it(`makes a table larger when more than ${MAX_PROBES} rows stand in a row`, () => {
    const rows = new Rows();
    const lookup = new HashLookup(rows, NOT_RANDOM);
    const first = lookup.slots;
    for (let i = 0; i < MAX_PROBES; i++) lookup.add(rowOf(rows, i));
    const before = lookup.slots;
    // 64 rows fit into 128 slots by their number alone.
    expect(before - first).toBe(128 - 16);
    lookup.add(rowOf(rows, MAX_PROBES));
    expect(lookup.slots - first).toBe(256 - 16);
    // But not for ever: rows that collide whatever is done do not gain from more room.
    for (let i = MAX_PROBES + 1; i < 4 * MAX_PROBES; i++) lookup.add(rowOf(rows, i));
    expect(lookup.slots - first).toBeLessThanOrEqual(16 * 4 * MAX_PROBES);
  });

  it('takes as many random numbers as it needs, and no fewer', () => {
    expect(() => new HashLookup(new Rows(), new Int32Array(7))).toThrow(RangeError);
  });
});

describe('the map of heights', () => {
  it('grows, is cut, and shows nothing of what was cut', () => {
    const map = new HeightMap();
    map.setSame(3);
    map.push(9);
    expect([0, 3, 4, 5, -1, 1.5].map((height) => map.at(height))).toEqual([0, 3, 9, NO_ROW, NO_ROW, NO_ROW]);
    map.length = 2;
    map.length = 5_000;
    expect([map.at(1), map.at(2), map.at(4_999)]).toEqual([1, NO_ROW, NO_ROW]);
  });
});

describe('recent headers', () => {
  const header = (n: number): Uint8Array => new Uint8Array(HEADER_BYTES).fill(n);

  it('keeps all that are not stored, and the last of those that are', () => {
    const recent = new RecentHeaders(3);
    for (let row = 1; row <= 200; row++) recent.put(row, header(row), 0, false);
    expect(recent.size).toBe(200);
    for (let row = 1; row <= 5; row++) recent.persist(row);
    recent.put(201, header(201), 0, true);
    expect([1, 2, 3].map((row) => recent.get(row))).toEqual([undefined, undefined, undefined]);
    expect([4, 5, 6, 200, 201].map((row) => recent.get(row)?.[0])).toEqual([4, 5, 6, 200, 201]);
    recent.delete(200);
    recent.put(300, header(44), 0, false);
    expect([recent.get(200), recent.get(300)?.[79]]).toEqual([undefined, 44]);
  });

  it(`keeps ${RECENT_HEADERS} stored ones`, () => {
    const recent = new RecentHeaders();
    for (let row = 0; row <= RECENT_HEADERS; row++) recent.put(row, header(row & 255), 0, true);
    expect(recent.size).toBe(RECENT_HEADERS);
    expect([recent.get(0), recent.get(RECENT_HEADERS)?.[0]]).toEqual([undefined, RECENT_HEADERS & 255]);
  });
});

describe('the entries that somebody holds', () => {
  it(`are forgotten once nobody does: ${VIEWS_PER_STEP} are looked at for each one that is made, from ${VIEWS_BEFORE_SWEEP} on`, async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const views = new EntryViews<object>();
    const held = { held: true };
    views.set(0, held);
    for (let row = 1; row < VIEWS_BEFORE_SWEEP - 1; row++) views.set(row, {});
    // What was made in this turn of the event loop lives as long as the turn.
    await new Promise(setImmediate);
    collect();
    await new Promise(setImmediate);
    expect(views.size).toBe(VIEWS_BEFORE_SWEEP - 1);
    // The first is held; the step that begins the sweep forgets the others that it looks at.
    views.set(VIEWS_BEFORE_SWEEP, held);
    expect(views.size).toBe(VIEWS_BEFORE_SWEEP - VIEWS_PER_STEP + 1);
    for (let more = 1; more < VIEWS_BEFORE_SWEEP / VIEWS_PER_STEP; more++) views.set(VIEWS_BEFORE_SWEEP + more, held);
    views.set(0, held);
    expect(views.size).toBe(VIEWS_BEFORE_SWEEP / VIEWS_PER_STEP + 1);
    expect(views.get(0)).toBe(held);
    // The next one begins when as many again were made.
    for (let row = 1; row < VIEWS_BEFORE_SWEEP - 1; row++) views.set(row, {});
    expect(views.size).toBe(VIEWS_BEFORE_SWEEP / VIEWS_PER_STEP + VIEWS_BEFORE_SWEEP - 1);
  });
});
