import type { HashHex } from '../../shared/blocks.ts';

/** One of the 64 bars of a hash, in a box of BARS_WIDTH × BARS_HEIGHT. */
export interface HashBar {
  x: number;
  y: number;
  height: number;
  /** One of the zeros in front, which are the proof of work. */
  leading: boolean;
}

export const BARS_WIDTH = 502;
export const BARS_HEIGHT = 34;
const PITCH = BARS_WIDTH / 64;
export const BAR_WIDTH = PITCH - 2.2;
const FLOOR = 32;

/** Hex digits 0 in front of a hash as it is shown. */
export function leadingZeroDigits(hash: HashHex): number {
  return /^0*/.exec(hash)?.[0].length ?? 0;
}

/** The hash digit by digit: 0 is a line on the floor, f is full height. */
export function hashBars(hash: HashHex): HashBar[] {
  const zeros = leadingZeroDigits(hash);
  return [...hash].map((digit, index) => {
    const value = Number.parseInt(digit, 16) || 0;
    const height = value === 0 ? 1.5 : 3 + value * 1.8;
    return { x: index * PITCH, y: FLOOR - height, height, leading: index < zeros };
  });
}

/** The hash in eight groups of eight digits. */
export function hashGroups(hash: HashHex): string[] {
  return hash.match(/.{1,8}/g) ?? [];
}
