import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHeader, encodeHeader, encodeHeaders, hashHeader, HEADER_BYTES, headerHash, NONCE_OFFSET, type BlockHeader,
} from '../../../src/node/primitives/header.ts';
import { concatBytes, displayHash, fromHex, internalHash, toHex } from '../../../src/node/util/bytes.ts';
import { bitcoinHeaders } from '../consensus/vectors/bitcoin.ts';
import { header } from './arbitraries.ts';
import { decodeFailure } from './failure.ts';

describe('real Bitcoin headers', () => {
  it('has the four that everybody knows', () => {
    expect(bitcoinHeaders.map((vector) => vector.height)).toEqual(expect.arrayContaining([0, 1, 170, 125_552]));
  });

  it.each(bitcoinHeaders)('block $height', (vector) => {
    const fields = {
      version: vector.version,
      previousHash: internalHash(vector.previousHash),
      merkleRoot: internalHash(vector.merkleRoot),
      time: vector.time,
      bits: Number.parseInt(vector.bits, 16),
      nonce: vector.nonce,
    };
    expect(toHex(encodeHeader(fields))).toBe(vector.header);
    expect(decodeHeader(fromHex(vector.header))).toEqual(fields);
    expect(headerHash(fields)).toBe(vector.hash);
    expect(displayHash(hashHeader(fields))).toBe(vector.hash);
  });
});

describe('header codec', () => {
  it('gives back what it was given, in 80 bytes', () => {
    fc.assert(
      fc.property(header, (value) => {
        const bytes = encodeHeader(value);
        expect(bytes).toHaveLength(HEADER_BYTES);
        expect(decodeHeader(bytes)).toEqual(value);
      }),
    );
  });

  it('reads any 80 bytes, and writes the same again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 80, maxLength: 80 }), (bytes) => {
        expect(encodeHeader(decodeHeader(bytes))).toEqual(bytes);
      }),
    );
  });

  it('has its nonce where the kernels write it', () => {
    const bytes = fromHex(bitcoinHeaders[0]?.header ?? '');
    expect(new DataView(bytes.buffer).getUint32(NONCE_OFFSET, true)).toBe(bitcoinHeaders[0]?.nonce);
  });

  it('refuses 79 and 81 bytes', () => {
    expect(decodeFailure(() => decodeHeader(new Uint8Array(79))).code).toBe('truncated');
    expect(decodeFailure(() => decodeHeader(new Uint8Array(81))).code).toBe('trailing-bytes');
    expect(decodeFailure(() => decodeHeader(new Uint8Array(0))).code).toBe('truncated');
  });

  it('refuses to write a hash of another length or a number that does not fit', () => {
    const value = decodeHeader(new Uint8Array(80));
    expect(() => encodeHeader({ ...value, previousHash: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => encodeHeader({ ...value, merkleRoot: new Uint8Array(33) })).toThrow(RangeError);
    expect(() => encodeHeader({ ...value, nonce: 2 ** 32 })).toThrow(RangeError);
  });
});

describe('encodeHeaders', () => {
  it('gives the bytes of each header, one after the other', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 5 }), (all) => {
        expect(encodeHeaders(all)).toEqual(concatBytes(...all.map(encodeHeader)));
      }),
    );
  });

  it('refuses what encodeHeader refuses, wherever it stands', () => {
    const good = fc.sample(header, { numRuns: 1, seed: 1 })[0] as BlockHeader;
    for (const wrong of [{ version: 2 ** 31 }, { time: -1 }, { bits: 2 ** 32 }, { nonce: 0.5 }, { nonce: NaN }, { previousHash: new Uint8Array(31) }, { merkleRoot: new Uint8Array(33) }]) {
      expect(() => encodeHeaders([good, { ...good, ...wrong }, good])).toThrow(RangeError);
    }
  });
});
