/** Hexadecimal, byte order, UTF-8: the small conversions that everything else is made of. */
import { DecodeError } from './decode-error.ts';

/** 64 lower-case hex digits in display order (byte-reversed). The same text as `HashHex` of `src/shared`. */
export type HashHex = string;

export const HASH_BYTES = 32;

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Codes of the lower-case hex digits. */
const DIGIT_CODES: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Value of one ASCII hex digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  return -1;
}

/** Lower-case hexadecimal, two digits a byte, in the order of the bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_OF_BYTE[byte] ?? '';
  return text;
}

/** The reverse of `toHex`; takes both cases. Throws DecodeError `bad-hex` on an odd length or another character. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new DecodeError('bad-hex', 'hexadecimal text has an odd number of digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i));
    const low = hexDigit(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) throw new DecodeError('bad-hex', 'hexadecimal text has a character that is not a hex digit');
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** A reversed copy. */
export function reverseBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse();
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** A hash in the other order, for `displayHash`. */
const turned = Buffer.alloc(HASH_BYTES);

/** A hash of 32 bytes in internal order → 64 hex digits as people see it. Throws RangeError on another length. */
export function displayHash(internal: Uint8Array): HashHex {
  if (internal.length !== HASH_BYTES) throw new RangeError(`a hash has ${HASH_BYTES} bytes, not ${internal.length}`);
  for (let i = 0; i < HASH_BYTES; i++) turned[HASH_BYTES - 1 - i] = internal[i] as number;
  // Node's own conversion makes a flat string at once, in a third of the time that joining digits takes.
  return turned.toString('hex');
}

/** The reverse of `displayHash`. Throws DecodeError `bad-hex` unless it is 64 hex digits. */
export function internalHash(hash: HashHex): Uint8Array {
  if (hash.length !== 2 * HASH_BYTES) throw new DecodeError('bad-hex', `a hash is ${2 * HASH_BYTES} hex digits`);
  return fromHex(hash).reverse();
}

/** Whether `hash` is the text of these 32 bytes in internal order, as `displayHash` gives it: without making that text. */
export function isHash(internal: Uint8Array, hash: HashHex): boolean {
  if (internal.length !== HASH_BYTES || hash.length !== 2 * HASH_BYTES) return false;
  for (let i = 0, at = 2 * HASH_BYTES - 2; i < HASH_BYTES; i++, at -= 2) {
    const byte = internal[i] as number;
    if (hash.charCodeAt(at) !== DIGIT_CODES[byte >> 4] || hash.charCodeAt(at + 1) !== DIGIT_CODES[byte & 15]) return false;
  }
  return true;
}

/** The bytes read as one little-endian number: internal order of a hash gives the number that is compared with a target. */
export function bytesToBigIntLE(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${toHex(reverseBytes(bytes))}`);
}

/** `length` bytes, little-endian. Throws RangeError when the number is negative or does not fit. */
export function bigIntToBytesLE(value: bigint, length: number): Uint8Array {
  if (value < 0n) throw new RangeError('a negative number has no unsigned encoding');
  const hex = value.toString(16);
  if (value !== 0n && hex.length > 2 * length) throw new RangeError(`the number needs more than ${length} bytes`);
  return length === 0 ? new Uint8Array(0) : fromHex(hex.padStart(2 * length, '0')).reverse();
}

const encoder = new TextEncoder();
/** `ignoreBOM` keeps a leading U+FEFF, so that decoding and encoding give the same bytes. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** False when the string holds a surrogate without its partner, which has no UTF-8. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** UTF-8. Throws DecodeError `bad-utf8` on a lone surrogate (TextEncoder would silently put U+FFFD there and change the text). */
export function utf8Encode(text: string): Uint8Array {
  if (!isWellFormed(text)) throw new DecodeError('bad-utf8', 'text has half of a surrogate pair');
  return encoder.encode(text);
}

/** Strict UTF-8 (RFC 3629): overlong forms, surrogates and cut sequences throw DecodeError `bad-utf8`. A byte order mark is kept. */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new DecodeError('bad-utf8', 'bytes are not UTF-8');
  }
}
