/** Targets, their compact form ("bits"), and the work they stand for: Bitcoin's arithmetic, in bigints. */
import { bigIntToBytesLE, bytesToBigIntLE, HASH_BYTES } from '../util/bytes.ts';

const TWO_256 = 1n << 256n;

/** Bits below the highest one, that one included: 0 for 0. */
function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

export interface DecodedBits {
  /** The number that the mantissa and exponent give, without the sign. */
  target: bigint;
  /** The sign bit is set on a number that is not 0. */
  negative: boolean;
  /** It needs more than 256 bits. */
  overflow: boolean;
}

/**
 * Compact form: the top byte is a length in bytes, the lower three a mantissa whose highest bit is a sign; the target is
 * mantissa · 256^(length - 3), cut to an integer.
 */
export function decodeBits(bits: number): DecodedBits {
  const size = bits >>> 24;
  const mantissa = BigInt(bits & 0x7f_ffff);
  const target = size <= 3 ? mantissa >> BigInt(8 * (3 - size)) : mantissa << BigInt(8 * (size - 3));
  return { target, negative: target !== 0n && (bits & 0x80_0000) !== 0, overflow: target >= TWO_256 };
}

/** The target of a compact form; 0, which no hash meets, when that form is negative or overflows. */
export function bitsToTarget(bits: number): bigint {
  const { target, negative, overflow } = decodeBits(bits);
  return negative || overflow ? 0n : target;
}

/** The one compact form that Bitcoin gives a target: as short as possible, lower digits cut. Throws RangeError outside 0 … 2^256 - 1. */
export function targetToBits(target: bigint): number {
  if (target < 0n || target >= TWO_256) throw new RangeError('a target has 256 bits');
  let size = Math.ceil(bitLength(target) / 8);
  let mantissa = Number(size <= 3 ? target << BigInt(8 * (3 - size)) : target >> BigInt(8 * (size - 3)));
  // The highest bit of the mantissa is the sign, so it must stay clear.
  if ((mantissa & 0x80_0000) !== 0) {
    mantissa >>= 8;
    size++;
  }
  return ((size << 24) | mantissa) >>> 0;
}

/** 32 bytes, little-endian: comparable with a hash in internal order. */
export function targetToBytes(target: bigint): Uint8Array {
  return bigIntToBytesLE(target, HASH_BYTES);
}

/** What the last bits took: they seldom change from one header to the next. */
let lastWork = { bits: 0, work: 0n };

/** Hashes that a block of these bits takes on average: floor(2^256 / (target + 1)); 0 when the bits are no target. */
export function blockWork(bits: number): bigint {
  if (lastWork.bits !== bits) {
    const target = bitsToTarget(bits);
    lastWork = { bits, work: target === 0n ? 0n : TWO_256 / (target + 1n) };
  }
  return lastWork.work;
}

/** A hash in internal order, as the number that must not exceed the target. */
export function hashToBigInt(hash: Uint8Array): bigint {
  return bytesToBigIntLE(hash);
}

/** The byte of a compact form's target at an index, little-endian, as if it had no sign. */
function targetByte(bits: number, index: number): number {
  const shift = 8 * (index + 3 - (bits >>> 24));
  return shift < 0 || shift > 16 ? 0 : ((bits & 0x7f_ffff) >>> shift) & 0xff;
}

/** Whether the compact form is a target from 1 to 2^256 - 1. */
function isTarget(bits: number): boolean {
  const size = bits >>> 24;
  const mantissa = bits & 0x7f_ffff;
  if ((bits & 0x80_0000) !== 0 || size > 34) return false;
  if (size > 32) return mantissa > 0 && mantissa <= (size === 33 ? 0xffff : 0xff);
  return size >= 3 ? mantissa > 0 : mantissa >>> (8 * (3 - size)) > 0;
}

/** The network's limit that was asked about last, as bytes. */
let limit: { value: bigint; bytes: Uint8Array } = { value: 0n, bytes: new Uint8Array(HASH_BYTES) };

/** Whether bits are a target from 1 to `powLimit`. */
export function bitsInRange(bits: number, powLimit: bigint): boolean {
  if (!isTarget(bits)) return false;
  if (powLimit !== limit.value) {
    if (powLimit < 0n || powLimit >= TWO_256) return powLimit > 0n;
    limit = { value: powLimit, bytes: targetToBytes(powLimit) };
  }
  return compareWithTarget(limit.bytes, bits) >= 0;
}

/**
 * Below 0, 0 or above 0, as 32 bytes are below, at or above the target, when both are read as little-endian numbers. Byte by byte: the way
 * through bigints took longer than the hash itself.
 */
function compareWithTarget(bytes: Uint8Array, bits: number): number {
  for (let index = HASH_BYTES - 1; index >= 0; index--) {
    const difference = (bytes[index] as number) - targetByte(bits, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Proof of work: the bits are a target within the network's limit, and the hash (32 bytes, internal order) does not exceed it. */
export function checkPow(hash: Uint8Array, bits: number, powLimit: bigint): boolean {
  if (hash.length !== HASH_BYTES) throw new RangeError(`a hash has ${HASH_BYTES} bytes, not ${hash.length}`);
  return bitsInRange(bits, powLimit) && compareWithTarget(hash, bits) <= 0;
}

/** Zero bits at the front of a hash as it is displayed. `hash` is in internal order. */
export function leadingZeroBits(hash: Uint8Array): number {
  let bits = 0;
  for (let i = hash.length - 1; i >= 0; i--) {
    const byte = hash[i] ?? 0;
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** Zero bits at the front of the target: every hash that meets it has at least as many. 256 when the bits are no target. */
export function requiredZeroBits(bits: number): number {
  return 256 - bitLength(bitsToTarget(bits));
}

/** `blockWork` as a number for display. */
export function expectedHashes(bits: number): number {
  return Number(blockWork(bits));
}

/** How many times harder than the network's easiest target: 1 at the floor. Infinity when the bits are no target. */
export function difficultyOf(bits: number, powLimitBits: number): number {
  return Number(bitsToTarget(powLimitBits)) / Number(bitsToTarget(bits));
}
