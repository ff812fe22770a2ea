import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asert, exactAsert } from '../../../src/node/consensus/asert.ts';
import { MAIN } from '../../../src/node/consensus/params.ts';
import { bitsToTarget, targetToBits } from '../../../src/node/consensus/target.ts';

const folder = new URL('./vectors/asert/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.txt')).sort();

/** Bitcoin Cash: 600 s, two days, Bitcoin's easiest target. */
const SPACING = 600;
const HALF_LIFE = 172_800;
const POW_LIMIT = bitsToTarget(0x1d00ffff);

function header(text: string, ...names: string[]): string {
  for (const name of names) {
    const found = new RegExp(`^##\\s+${name}: (\\S+)`, 'm').exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`no line for ${names.join(' or ')}`);
}

describe('published vectors of aserti3-2d', () => {
  it('has all twelve runs', () => {
    expect(files).toHaveLength(12);
  });

  it.each(files)('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const anchorHeight = BigInt(header(text, 'anchor height'));
    const anchorTime = BigInt(header(text, 'anchor ancestor time', 'anchor parent time'));
    const anchorBits = Number(header(text, 'anchor nBits'));
    const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(rows).toHaveLength(Number(header(text, 'iterations')));
    for (const row of rows) {
      const [, height = '', time = '', bits = ''] = row.split(' ');
      const got = asert(anchorBits, BigInt(time) - anchorTime, BigInt(height) - anchorHeight, SPACING, HALF_LIFE, POW_LIMIT);
      if (got !== Number(bits)) expect.fail(`row ${row}: 0x${got.toString(16)}`);
    }
  });
});

describe('asert', () => {
  const on = (lateness: number): number => asert(MAIN.powLimitBits, lateness + 10, 0, 10, 300, MAIN.powLimit);

  it('keeps the anchor target on schedule, and halves it for every half-life early', () => {
    expect(on(0)).toBe(MAIN.powLimitBits);
    for (let halvings = 1; halvings <= 20; halvings++) {
      expect(on(-300 * halvings)).toBe(targetToBits(MAIN.powLimit >> BigInt(halvings)));
    }
  });

  it('never leaves 1 … powLimit, however far the times are', () => {
    expect(on(1)).toBe(MAIN.powLimitBits);
    expect(on(Number.MAX_SAFE_INTEGER - 10)).toBe(MAIN.powLimitBits);
    expect(on(-300 * 237)).toBe(targetToBits(1n));
    expect(asert(MAIN.powLimitBits, -(10n ** 30n), 0, 10, 300, MAIN.powLimit)).toBe(targetToBits(1n));
    expect(asert(MAIN.powLimitBits, 10n ** 30n, 0, 10, 300, MAIN.powLimit)).toBe(MAIN.powLimitBits);
  });

  it('gives a larger or equal target the later the parent is', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50_000, max: 50_000 }), fc.nat({ max: 5_000 }), (lateness, more) => {
        expect(bitsToTarget(on(lateness + more)) >= bitsToTarget(on(lateness))).toBe(true);
      }),
    );
  });

  it('stays within 0.02 % of the exact exponential', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6_000, max: 0 }), (lateness) => {
        const exact = Number(MAIN.powLimit) * 2 ** (lateness / 300);
        expect(Math.abs(Number(bitsToTarget(on(lateness))) / exact - 1)).toBeLessThan(2e-4);
      }),
    );
  });
});

describe('the quick way', () => {
  const networks = fc.constantFrom(
    [MAIN.powLimitBits, MAIN.spacing, MAIN.halfLife, MAIN.powLimit] as const,
    [0x1d00ffff, SPACING, HALF_LIFE, POW_LIMIT] as const,
    [0x207fffff, 10, 300, bitsToTarget(0x207fffff)] as const,
  );
  const same = (bits: number, time: number, height: number, spacing: number, halfLife: number, powLimit: bigint): void => {
    const exact = exactAsert(bits, time, height, spacing, halfLife, powLimit);
    const got = asert(bits, time, height, spacing, halfLife, powLimit);
    if (got !== exact) expect.fail(`asert(0x${bits.toString(16)}, ${time}, ${height}, ${spacing}, ${halfLife}, ${powLimit}): 0x${got.toString(16)}, not 0x${exact.toString(16)}`);
  };

  it('gives what the definition gives, for every second near the schedule of each network', () => {
    for (const [bits, spacing, halfLife, powLimit] of [[MAIN.powLimitBits, 10, 300, MAIN.powLimit], [0x1b01ffff, 10, 300, MAIN.powLimit]] as const) {
      for (let lateness = -20_000; lateness <= 20_000; lateness++) same(bits, lateness + 10 * 501, 500, spacing, halfLife, powLimit);
    }
  });

  it('gives what the definition gives, for any target and any lateness', () => {
    // Any lateness in the whole range of shifts, and those near a whole number of half-lives.
    const half = fc.tuple(fc.integer({ min: -520, max: 260 }), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(networks, half, fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat(2_000_000), fc.boolean(), ([bits, spacing, halfLife, powLimit], [halves, near], any, height, exact) => {
        const lateness = halves * halfLife + (exact ? near : any);
        same(bits, lateness + spacing * (height + 1), height, spacing, halfLife, powLimit);
      }),
      { numRuns: 20_000 },
    );
  });

  it('gives what the definition gives, whatever the bits and the limit', () => {
    const bits = fc.tuple(fc.nat(36), fc.oneof(fc.nat(0xff_ffff), fc.constantFrom(0, 1, 0x80, 0x8000, 0x7f_ffff, 0x80_0000))).map(([size, mantissa]) => size * 0x100_0000 + mantissa);
    const limit = fc.tuple(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.nat(256)).map(([value, shift]) => value >> BigInt(shift));
    fc.assert(
      fc.property(bits, limit, fc.integer(), fc.nat(), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 1_000_000 }), (anchor, powLimit, time, height, spacing, halfLife) => {
        same(anchor, time, height, spacing, halfLife, powLimit);
      }),
      { numRuns: 20_000 },
    );
  });

  it('leaves numbers that could not hold the result to the definition', () => {
    for (const [time, height] of [[Number.MAX_SAFE_INTEGER, 0], [-Number.MAX_SAFE_INTEGER, 0], [0, 2 ** 52], [2 ** 40, 1]] as const) {
      same(MAIN.powLimitBits, time, height, 10, 300, MAIN.powLimit);
      same(MAIN.powLimitBits, time, height, 10, 2 ** 40, MAIN.powLimit);
    }
    same(MAIN.powLimitBits, 300, 0, 10, 300, 1n << 300n);
  });
});
