import { bitsToTarget, targetToBits } from './target.ts';

const RADIX_BITS = 16n;
const RADIX = 1n << RADIX_BITS;
const RADIX_NUMBER = Number(RADIX);
const TWO_32 = 2 ** 32;
const TWO_256 = 1n << 256n;

/**
 * Bits of the next block by aserti3-2d: target = anchor target · 2^(lateness / half-life), where lateness is how far the parent
 * is behind a schedule of one block per `spacing` seconds that started at the anchor. Integers only, with 16 binary digits of
 * the exponent and a cubic for 2^x between 0 and 1, so that every machine gets the same bits.
 *
 * Specification: "2020-11-15 ASERT difficulty adjustment algorithm" of the Bitcoin Cash network upgrade specifications.
 *
 * @param anchorBits   bits of the anchor block
 * @param timeDelta    parent's time minus the time of the anchor's parent, seconds
 * @param heightDelta  parent's height minus the anchor's height
 * @param spacing      seconds between blocks
 * @param halfLife     seconds of lateness that double the target
 * @param powLimit     easiest target
 */
export function asert(
  anchorBits: number,
  timeDelta: number | bigint,
  heightDelta: number | bigint,
  spacing: number,
  halfLife: number,
  powLimit: bigint,
): number {
  const small = typeof timeDelta === 'number' && typeof heightDelta === 'number';
  const quick = small ? quickAsert(anchorBits, timeDelta, heightDelta, spacing, halfLife, powLimit) : undefined;
  return quick ?? exactAsert(anchorBits, timeDelta, heightDelta, spacing, halfLife, powLimit);
}

/** The definition, in bigints. Exported for the test that holds `asert` against it. */
export function exactAsert(
  anchorBits: number,
  timeDelta: number | bigint,
  heightDelta: number | bigint,
  spacing: number,
  halfLife: number,
  powLimit: bigint,
): number {
  const lateness = BigInt(timeDelta) - BigInt(spacing) * (BigInt(heightDelta) + 1n);
  // BigInt division cuts toward zero and `>>` rounds down, as the specification asks of both.
  const exponent = (lateness * RADIX) / BigInt(halfLife);
  const shifts = exponent >> RADIX_BITS;
  const fraction = exponent - (shifts << RADIX_BITS);

  // Out of range whatever the factor is: the target has 256 bits at most. Also keeps the shift below short.
  if (shifts > 256n) return targetToBits(powLimit);
  if (shifts < -512n) return targetToBits(1n);

  const scaled = bitsToTarget(anchorBits) * powerOfTwo(fraction);
  const shift = shifts - RADIX_BITS;
  const target = shift < 0n ? scaled >> -shift : scaled << shift;

  if (target === 0n) return targetToBits(1n);
  return targetToBits(target > powLimit ? powLimit : target);
}

/** 2^(fraction / 65536) in units of 1 / 65536: the specification's cubic. */
function powerOfTwo(fraction: bigint): bigint {
  return ((195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n)) >> 48n) + RADIX;
}

/** `powerOfTwo` of each fraction that was asked for: a network has at most two for each second of its half-life, and 65,536 at most. */
const powers = new Map<number, number>();

/** The limit that was asked about last, and its compact form. */
let limit = { value: -1n, bits: 0 };

/**
 * The same in numbers, which hold it exactly: a mantissa of 23 bits times a factor of 17, shifted. Undefined when a number could
 * be too large for that, or when the target is so small that its compact form loses digits twice.
 */
function quickAsert(anchorBits: number, timeDelta: number, heightDelta: number, spacing: number, halfLife: number, powLimit: bigint): number | undefined {
  const size = anchorBits >>> 24;
  const mantissa = anchorBits & 0x7f_ffff;
  const lateness = timeDelta - spacing * (heightDelta + 1);
  const product = lateness * RADIX_NUMBER;
  if (!Number.isSafeInteger(product) || size < 3 || size > 32 || mantissa === 0 || (anchorBits & 0x80_0000) !== 0) return undefined;
  const exponent = Math.trunc(product / halfLife);
  const shifts = Math.floor(exponent / RADIX_NUMBER);
  if (shifts > 256 || shifts < -512) return undefined;
  const fraction = exponent - shifts * RADIX_NUMBER;
  let factor = powers.get(fraction);
  if (factor === undefined) {
    factor = Number(powerOfTwo(BigInt(fraction)));
    powers.set(fraction, factor);
  }
  // The target is value · 2^shift, cut to an integer.
  const value = mantissa * factor;
  const shift = 8 * (size - 3) + shifts - 16;
  const length = (value < TWO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / TWO_32)) + shift;
  let bytes = Math.ceil(length / 8);
  if (bytes <= 3) return undefined;
  // Cutting to an integer and then to a mantissa is cutting once. Powers of two change no digit of a number.
  let digits = Math.floor(value * 2 ** (shift - 8 * (bytes - 3)));
  if ((digits & 0x80_0000) !== 0) {
    digits >>= 8;
    bytes++;
  }
  if (powLimit !== limit.value) {
    if (powLimit < 0n || powLimit >= TWO_256) return undefined;
    limit = { value: powLimit, bits: targetToBits(powLimit) };
  }
  // Of two compact forms of positive targets the larger number is the larger target.
  return Math.min(bytes * 0x100_0000 + digits, limit.bits);
}
