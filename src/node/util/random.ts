import { randomFillSync } from 'node:crypto';

/** Where random numbers come from; injected, so that a test can repeat a run. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** At least 0, below 1, 53 random bits. */
  float(): number;
  /** 0 to 2^32 - 1. */
  uint32(): number;
}

function floatFrom(high: number, low: number): number {
  return ((high >>> 5) * 0x400_0000 + (low >>> 6)) / 0x20_0000_0000_0000;
}

/** The operating system's generator: fit for keys and nonces. */
export const systemRandom: Random = {
  bytes: (count) => randomFillSync(new Uint8Array(count)),
  uint32: () => randomFillSync(new Uint32Array(1))[0] ?? 0,
  float: () => {
    const words = randomFillSync(new Uint32Array(2));
    return floatFrom(words[0] ?? 0, words[1] ?? 0);
  },
};

/**
 * xoshiro128** (Blackman and Vigna) seeded through splitmix32: the same seed gives the same numbers on every machine.
 * For tests and simulations only; it can be predicted.
 */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e37_79b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix();
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

  const uint32 = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  return {
    uint32,
    float: () => floatFrom(uint32(), uint32()),
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) bytes[i] = uint32() >>> 24;
      return bytes;
    },
  };
}
