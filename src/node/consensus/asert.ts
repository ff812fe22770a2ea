import { bitsToTarget, targetToBits } from './target.ts';

const RADIX_BITS = 16n;
const RADIX = 1n << RADIX_BITS;

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
  const lateness = BigInt(timeDelta) - BigInt(spacing) * (BigInt(heightDelta) + 1n);
  // BigInt division cuts toward zero and `>>` rounds down, as the specification asks of both.
  const exponent = (lateness * RADIX) / BigInt(halfLife);
  const shifts = exponent >> RADIX_BITS;
  const fraction = exponent - (shifts << RADIX_BITS);

  // Out of range whatever the factor is: the target has 256 bits at most. Also keeps the shift below short.
  if (shifts > 256n) return targetToBits(powLimit);
  if (shifts < -512n) return targetToBits(1n);

  const factor =
    ((195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n)) >> 48n) + RADIX;
  const scaled = bitsToTarget(anchorBits) * factor;
  const shift = shifts - RADIX_BITS;
  const target = shift < 0n ? scaled >> -shift : scaled << shift;

  if (target === 0n) return targetToBits(1n);
  return targetToBits(target > powLimit ? powLimit : target);
}
