import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/node/util/bytes.ts';
import { seededRandom, systemRandom, type Random } from '../../../src/node/util/random.ts';

const sources: [string, Random][] = [
  ['systemRandom', systemRandom],
  ['seededRandom', seededRandom(1)],
];

describe.each(sources)('%s', (_name, random) => {
  it('gives floats from 0 to below 1 with an even spread', () => {
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random.float();
      expect(value >= 0 && value < 1).toBe(true);
      const bucket = Math.floor(value * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // 1,000 expected, standard deviation 30: eight deviations off is a fault and not bad luck.
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(240);
  });

  it('gives unsigned 32-bit integers with every bit in use', () => {
    let all = 0;
    let none = 0xffff_ffff;
    for (let i = 0; i < 200; i++) {
      const value = random.uint32();
      expect(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff).toBe(true);
      all |= value;
      none &= value;
    }
    expect(all >>> 0).toBe(0xffff_ffff);
    expect(none >>> 0).toBe(0);
  });

  it('gives as many bytes as asked for, and not twice the same', () => {
    expect(random.bytes(0)).toHaveLength(0);
    expect(random.bytes(1_000)).toHaveLength(1_000);
    expect(toHex(random.bytes(16))).not.toBe(toHex(random.bytes(16)));
    expect(new Set(random.bytes(5_000)).size).toBe(256);
  });
});

describe('seededRandom', () => {
  it('repeats itself for one seed, and not for another', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return [random.uint32(), random.float(), ...random.bytes(8), random.uint32()];
    };
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
    expect(draw(0)).not.toEqual(draw(1));
  });
});
