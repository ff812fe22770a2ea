import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asert } from '../../../src/node/consensus/asert.ts';
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
