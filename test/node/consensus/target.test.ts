import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import {
  bitsInRange, bitsToTarget, blockWork, checkPow, decodeBits, difficultyOf, expectedHashes, hashToBigInt, leadingZeroBits,
  requiredZeroBits, targetToBits, targetToBytes,
} from '../../../src/node/consensus/target.ts';
import { bytesToBigIntLE, internalHash } from '../../../src/node/util/bytes.ts';
import { bitcoinHeaders } from './vectors/bitcoin.ts';

const BITCOIN_BITS = 0x1d00ffff;
const BITCOIN_LIMIT = bitsToTarget(BITCOIN_BITS);

describe('compact targets', () => {
  /** The cases of Bitcoin Core's own test of its compact form (arith_uint256_tests). */
  it.each([
    [0x00000000, 0n, 0x00000000],
    [0x00123456, 0n, 0x00000000],
    [0x01003456, 0n, 0x00000000],
    [0x02000056, 0n, 0x00000000],
    [0x03000000, 0n, 0x00000000],
    [0x04000000, 0n, 0x00000000],
    [0x00923456, 0n, 0x00000000],
    [0x01803456, 0n, 0x00000000],
    [0x02800056, 0n, 0x00000000],
    [0x03800000, 0n, 0x00000000],
    [0x04800000, 0n, 0x00000000],
    [0x01123456, 0x12n, 0x01120000],
    [0x02123456, 0x1234n, 0x02123400],
    [0x03123456, 0x123456n, 0x03123456],
    [0x04123456, 0x12345600n, 0x04123456],
    [0x05009234, 0x92340000n, 0x05009234],
    [0x20123456, 0x123456n << 232n, 0x20123456],
  ])('bits %d are %d', (bits, target, again) => {
    expect(decodeBits(bits)).toEqual({ target, negative: false, overflow: false });
    expect(bitsToTarget(bits)).toBe(target);
    expect(targetToBits(target)).toBe(again);
  });

  it.each([
    [0x01fedcba, 0x7en],
    [0x04923456, 0x12345600n],
    [0x1d80ffff, BITCOIN_LIMIT],
  ])('sees the sign of bits %d', (bits, target) => {
    expect(decodeBits(bits)).toEqual({ target, negative: true, overflow: false });
    expect(bitsToTarget(bits)).toBe(0n);
  });

  it.each([0xff123456, 0x23000001, 0x22000100, 0x21010000, 0xffffffff])('sees that bits %d need more than 256 bits', (bits) => {
    expect(decodeBits(bits).overflow).toBe(true);
    expect(bitsToTarget(bits)).toBe(0n);
    expect(blockWork(bits)).toBe(0n);
  });

  it('writes the sign bit never', () => {
    expect(targetToBits(0x80n)).toBe(0x02008000);
    expect(targetToBits(2n ** 256n - 1n)).toBe(0x2100ffff);
  });

  it('refuses to write what is no target', () => {
    expect(() => targetToBits(-1n)).toThrow(RangeError);
    expect(() => targetToBits(2n ** 256n)).toThrow(RangeError);
  });

  it('loses at most the digits below the mantissa, and nothing the second time', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (target) => {
        const bits = targetToBits(target);
        const cut = bitsToTarget(bits);
        expect(cut <= target).toBe(true);
        expect(target - cut <= target >> 15n).toBe(true);
        expect(targetToBits(cut)).toBe(bits);
      }),
    );
  });
});

describe('proof of work', () => {
  it.each(bitcoinHeaders)('Bitcoin block $height has it, by exactly its bits', ({ hash, bits }) => {
    const compact = Number.parseInt(bits, 16);
    expect(checkPow(internalHash(hash), compact, BITCOIN_LIMIT)).toBe(true);
    // A target one below the hash is missed.
    const value = hashToBigInt(internalHash(hash));
    expect(value <= bitsToTarget(compact)).toBe(true);
    expect(checkPow(internalHash(hash), compact, value - 1n)).toBe(false);
  });

  it('is met by the target itself and missed by the next number', () => {
    expect(checkPow(targetToBytes(BITCOIN_LIMIT), BITCOIN_BITS, BITCOIN_LIMIT)).toBe(true);
    expect(checkPow(targetToBytes(BITCOIN_LIMIT + 1n), BITCOIN_BITS, BITCOIN_LIMIT)).toBe(false);
  });

  it.each([0, 0x1d80ffff, 0xff123456, 0x1d010000, 0x207fffff])('is not met by a zero hash with bits %d', (bits) => {
    expect(checkPow(new Uint8Array(32), bits, BITCOIN_LIMIT)).toBe(false);
    expect(bitsInRange(bits, BITCOIN_LIMIT)).toBe(false);
  });
});

describe('work and difficulty', () => {
  it('counts hashes as Bitcoin does', () => {
    expect(blockWork(BITCOIN_BITS)).toBe(0x1_0001_0001n);
    expect(blockWork(REGTEST.powLimitBits)).toBe(2n);
    expect(blockWork(0)).toBe(0n);
    expect(expectedHashes(BITCOIN_BITS)).toBe(0x1_0001_0001);
  });

  it.each([
    [0x1d00ffff, 1],
    [0x1b04864c, 14484.16236123],
    [0x1a44b9f2, 244112.48777434],
  ])('gives the published difficulty of bits %d', (bits, difficulty) => {
    expect(difficultyOf(bits, BITCOIN_BITS)).toBeCloseTo(difficulty, 8);
  });

  it('is 1 at the floor of every network', () => {
    for (const { powLimitBits } of [MAIN, REGTEST]) expect(difficultyOf(powLimitBits, powLimitBits)).toBe(1);
    expect(difficultyOf(0, MAIN.powLimitBits)).toBe(Infinity);
  });

  it('grows as the target shrinks', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAIN.powLimit }), fc.bigInt({ min: 1n, max: MAIN.powLimit }), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(blockWork(targetToBits(low)) >= blockWork(targetToBits(high))).toBe(true);
      }),
    );
  });
});

describe('zero bits', () => {
  it('are counted from the front of the hash as it is shown', () => {
    expect(leadingZeroBits(new Uint8Array(32))).toBe(256);
    expect(leadingZeroBits(new Uint8Array(32).fill(0xff))).toBe(0);
    expect(leadingZeroBits(internalHash(`00000${'1'.padEnd(59, '0')}`))).toBe(23);
    expect(leadingZeroBits(internalHash(bitcoinHeaders[0]?.hash ?? ''))).toBe(43);
  });

  it('of a hash that meets the target are never fewer than required', () => {
    expect(requiredZeroBits(MAIN.powLimitBits)).toBe(20);
    expect(requiredZeroBits(REGTEST.powLimitBits)).toBe(1);
    expect(requiredZeroBits(BITCOIN_BITS)).toBe(32);
    expect(requiredZeroBits(0)).toBe(256);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAIN.powLimit }), (target) => {
        const bits = targetToBits(target);
        expect(leadingZeroBits(targetToBytes(bitsToTarget(bits)))).toBe(requiredZeroBits(bits));
        expect(bytesToBigIntLE(targetToBytes(target))).toBe(target);
      }),
    );
  });
});

describe('the comparison without bigints', () => {
  const any = fc.tuple(fc.nat(255), fc.oneof(fc.nat(0xff_ffff), fc.constantFrom(0, 1, 0x80, 0x8000, 0x7f_ffff, 0x80_0000, 0xff, 0xffff, 0x1_0000))).map(([size, mantissa]) => size * 0x100_0000 + mantissa);
  const near = fc.tuple(fc.nat(36), fc.oneof(fc.nat(0xff_ffff), fc.constantFrom(0, 1, 0x80, 0x8000, 0x7f_ffff, 0xff, 0xffff, 0x1_0000))).map(([size, mantissa]) => size * 0x100_0000 + mantissa);
  const bits = fc.oneof(any, near);
  const number = fc.tuple(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.nat(256)).map(([value, shift]) => value >> BigInt(shift));
  const limits = fc.oneof(number, near.map(bitsToTarget), fc.constantFrom(MAIN.powLimit, REGTEST.powLimit, BITCOIN_LIMIT, 0n, 1n << 256n, 1n << 300n, -1n));

  it('finds the same bits in range', () => {
    fc.assert(
      fc.property(bits, limits, (value, powLimit) => {
        const target = bitsToTarget(value);
        expect(bitsInRange(value, powLimit)).toBe(target > 0n && target <= powLimit);
      }),
      { numRuns: 20_000 },
    );
  });

  it('finds the same hashes low enough, and those at the target and beside it', () => {
    fc.assert(
      fc.property(near, number, limits, fc.integer({ min: -1, max: 1 }), fc.boolean(), (value, random, powLimit, off, beside) => {
        const target = bitsToTarget(value);
        const hash = beside ? target + BigInt(off) : random;
        fc.pre(hash >= 0n && hash < 1n << 256n);
        expect(checkPow(targetToBytes(hash), value, powLimit)).toBe(target > 0n && target <= powLimit && hash <= target);
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes nothing but a hash', () => {
    expect(() => checkPow(new Uint8Array(31), MAIN.powLimitBits, MAIN.powLimit)).toThrow(RangeError);
  });
});
