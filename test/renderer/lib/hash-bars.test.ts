import { describe, expect, it } from 'vitest';
import { BARS_HEIGHT, BARS_WIDTH, BAR_WIDTH, hashBars, hashGroups, leadingZeroDigits } from '../../../src/renderer/lib/hash-bars.ts';

// Bitcoin's block 125552, whose header is a published vector.
const HASH = '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d';

describe('hashBars', () => {
  const bars = hashBars(HASH);

  it('draws 64 bars inside the box, left to right', () => {
    expect(bars).toHaveLength(64);
    for (const [index, bar] of bars.entries()) {
      expect(bar.x).toBeGreaterThanOrEqual(index === 0 ? 0 : (bars[index - 1]?.x ?? 0) + BAR_WIDTH);
      expect(bar.x + BAR_WIDTH).toBeLessThanOrEqual(BARS_WIDTH);
      expect(bar.y).toBeGreaterThanOrEqual(0);
      expect(bar.y + bar.height).toBeLessThanOrEqual(BARS_HEIGHT);
    }
  });

  it('marks the zeros in front and no later one', () => {
    expect(bars.filter(({ leading }) => leading)).toHaveLength(16);
    expect(leadingZeroDigits(HASH)).toBe(16);
    expect(hashBars('0a00')[2]?.leading).toBe(false);
  });

  it('is higher for a greater digit', () => {
    const heights = hashBars('0123456789abcdef').map(({ height }) => height);
    expect([...heights].sort((a, b) => a - b)).toEqual(heights);
    expect(new Set(heights).size).toBe(16);
  });

  it('groups the digits by eight and loses none', () => {
    expect(hashGroups(HASH)).toHaveLength(8);
    expect(hashGroups(HASH).join('')).toBe(HASH);
  });
});
