import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigIntToBytesLE, bytesToBigIntLE, concatBytes, displayHash, equalBytes, fromHex, internalHash, isHash, isWellFormed, reverseBytes, toHex,
  utf8Decode, utf8Encode,
} from '../../../src/node/util/bytes.ts';
import { DecodeError } from '../../../src/node/util/decode-error.ts';
import { anyCharacter } from '../../helpers/characters.ts';

const bytes = fc.uint8Array({ maxLength: 80 });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DecodeError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('hexadecimal', () => {
  it('round-trips, and agrees with Buffer', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(fromHex(toHex(value))).toEqual(value);
        expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
      }),
    );
  });

  it.each(['0', 'abc', '0g', 'zz', '-1', ' 1', '0x', '1 ', '÷÷', '٠٠'])('refuses %j', (text) => {
    expect(codeOf(() => fromHex(text))).toBe('bad-hex');
  });
});

describe('byte order', () => {
  it('reverses into a copy', () => {
    const value = Uint8Array.of(1, 2, 3);
    expect(reverseBytes(value)).toEqual(Uint8Array.of(3, 2, 1));
    expect(value).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('shows a hash reversed, and reads it back', () => {
    const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(displayHash(hash)).toBe('1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100');
    expect(internalHash(displayHash(hash))).toEqual(hash);
  });

  it('refuses a hash of another length', () => {
    expect(() => displayHash(new Uint8Array(31))).toThrow(RangeError);
    expect(codeOf(() => internalHash('00'.repeat(31)))).toBe('bad-hex');
    expect(codeOf(() => internalHash('00'.repeat(33)))).toBe('bad-hex');
    expect(codeOf(() => internalHash('0x' + '00'.repeat(31)))).toBe('bad-hex');
  });

  it('knows the text of a hash without making it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(63), fc.constantFrom('0', '9', 'a', 'f', 'g', 'A', 'é'), (bytes, at, digit) => {
        const text = displayHash(bytes);
        expect(isHash(bytes, text)).toBe(true);
        const other = text.slice(0, at) + digit + text.slice(at + 1);
        expect(isHash(bytes, other)).toBe(other === text);
      }),
    );
    const hash = new Uint8Array(32).fill(0xab);
    expect(isHash(hash, displayHash(hash).toUpperCase())).toBe(false);
    expect(isHash(hash, `${displayHash(hash)}0`)).toBe(false);
    expect(isHash(hash.subarray(1), displayHash(hash))).toBe(false);
  });

  it('reads and writes little-endian numbers of any length', () => {
    expect(bytesToBigIntLE(Uint8Array.of(0x34, 0x12))).toBe(0x1234n);
    expect(bytesToBigIntLE(new Uint8Array(0))).toBe(0n);
    expect(bigIntToBytesLE(0n, 0)).toEqual(new Uint8Array(0));
    fc.assert(
      fc.property(bytes, (value) => {
        expect(bigIntToBytesLE(bytesToBigIntLE(value), value.length)).toEqual(value);
      }),
    );
  });

  it('refuses numbers that do not fit', () => {
    expect(() => bigIntToBytesLE(256n, 1)).toThrow(RangeError);
    expect(() => bigIntToBytesLE(1n, 0)).toThrow(RangeError);
    expect(() => bigIntToBytesLE(-1n, 4)).toThrow(RangeError);
  });
});

describe('equal and joined bytes', () => {
  it('compares length and content', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });

  it('joins in order', () => {
    expect(concatBytes()).toEqual(new Uint8Array(0));
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('UTF-8', () => {
  it('round-trips every well-formed text, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
    );
    expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe('\ufeff1');
  });

  it.each([
    ['overlong', 'c080'],
    ['overlong slash', 'e080af'],
    ['surrogate', 'eda080'],
    ['above U+10FFFF', 'f4908080'],
    ['cut short', 'e282'],
    ['a continuation alone', '80'],
    ['latin-1', 'e9'],
  ])('refuses %s', (_name, hex) => {
    expect(codeOf(() => utf8Decode(fromHex(hex)))).toBe('bad-utf8');
  });

  it.each(['\ud800', '\udc00', 'a\ud83d', '\ude00\ud83d'])('refuses half of a surrogate pair: %j', (text) => {
    expect(isWellFormed(text)).toBe(false);
    expect(codeOf(() => utf8Encode(text))).toBe('bad-utf8');
  });

  it('takes whole pairs', () => {
    expect(isWellFormed('😀')).toBe(true);
    expect(utf8Encode('😀')).toEqual(fromHex('f09f9880'));
  });
});
