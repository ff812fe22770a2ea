import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockHash, blockMerkleRoot, coinbaseOf, decodeBlock, encodeBlock, type Block,
} from '../../../src/node/primitives/block.ts';
import { encodeHeader, hashHeader, HEADER_BYTES } from '../../../src/node/primitives/header.ts';
import { MAX_BLOCK_BYTES, MAX_TRANSACTIONS } from '../../../src/node/primitives/limits.ts';
import { merkleRoot } from '../../../src/node/primitives/merkle.ts';
import { encodeTransaction, transactionId, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { concatBytes, displayHash, equalBytes } from '../../../src/node/util/bytes.ts';
import { ByteWriter } from '../../../src/node/util/codec.ts';
import { block } from './arbitraries.ts';
import { decodeFailure } from './failure.ts';

const sample = fc.sample(block.filter(({ transactions }) => transactions.length > 2), { numRuns: 1, seed: 1 })[0] as Block;
const tiny: DataTransaction = { version: 1, kind: 'data', time: 0, salt: new Uint8Array(8), dataText: '0' };

describe('block codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(block, (value) => {
        expect(decodeBlock(encodeBlock(value))).toEqual(value);
      }),
    );
  });

  it('is the header, the count and the transactions', () => {
    const parts = sample.transactions.map(encodeTransaction);
    const count = new ByteWriter().varint(parts.length).finish();
    expect(encodeBlock(sample)).toEqual(concatBytes(encodeHeader(sample.header), count, ...parts));
  });

  it('throws nothing but DecodeError on any bytes, and has no second encoding', () => {
    const mutated = fc.tuple(block, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([value, at, byte]) => {
      const bytes = encodeBlock(value);
      bytes[HEADER_BYTES + (at % (bytes.length - HEADER_BYTES))] = byte;
      return bytes;
    });
    let decoded = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        let value;
        try {
          value = decodeBlock(bytes);
        } catch (error) {
          refused++;
          expect(decodeFailure(() => { throw error; })).toBe(error);
          return;
        }
        decoded++;
        expect(encodeBlock(value)).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
    expect(decoded).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });

  it('refuses every cut, and a byte too many', () => {
    const bytes = encodeBlock(sample);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeFailure(() => decodeBlock(bytes.subarray(0, length))).code).toBe('truncated');
    }
    expect(decodeFailure(() => decodeBlock(concatBytes(bytes, Uint8Array.of(0))))).toMatchObject({ code: 'trailing-bytes', field: 'block' });
  });

  it('refuses more bytes than a block may have, before it reads one', () => {
    expect(decodeFailure(() => decodeBlock(new Uint8Array(MAX_BLOCK_BYTES + 1)))).toMatchObject({ code: 'too-large', field: 'block' });
  });

  it('reads a block of exactly the limit', () => {
    const filled = (length: number): Block => ({ ...sample, transactions: [{ ...tiny, dataText: 'x'.repeat(length) }] });
    const overhead = encodeBlock(filled(500_000)).length - 500_000;
    const bytes = encodeBlock(filled(MAX_BLOCK_BYTES - overhead));
    expect(bytes.length).toBe(MAX_BLOCK_BYTES);
    // Not toEqual: comparing a million elements takes vitest seconds.
    expect(equalBytes(encodeBlock(decodeBlock(bytes)), bytes)).toBe(true);
  });

  it('refuses a claimed count above the limit without waiting for the transactions', () => {
    const claim = (count: number): Uint8Array => concatBytes(encodeHeader(sample.header), new ByteWriter().varint(count).finish());
    expect(decodeFailure(() => decodeBlock(claim(MAX_TRANSACTIONS + 1)))).toMatchObject({ code: 'too-large', field: 'transaction count' });
    expect(decodeFailure(() => decodeBlock(claim(MAX_TRANSACTIONS))).code).toBe('truncated');
  });

  it('reads as many transactions as the limit', () => {
    const full: Block = { ...sample, transactions: new Array<DataTransaction>(MAX_TRANSACTIONS).fill(tiny) };
    expect(decodeBlock(encodeBlock(full)).transactions).toHaveLength(MAX_TRANSACTIONS);
  });
});

describe('a block', () => {
  it('is named by its header', () => {
    expect(blockHash(sample)).toBe(displayHash(hashHeader(sample.header)));
  });

  it('has the root of its transactions', () => {
    expect(blockMerkleRoot(sample)).toEqual(merkleRoot(sample.transactions.map(transactionId)));
    expect(blockMerkleRoot({ ...sample, transactions: [tiny, tiny] }).mutated).toBe(true);
  });

  it('gives its coinbase, and says so when there is none', () => {
    const coinbase = { version: 1, kind: 'coinbase', height: 1, minerId: new Uint8Array(16), minerName: '', extraNonce: 0n, dataText: '0' } as const;
    expect(coinbaseOf({ ...sample, transactions: [coinbase, tiny] })).toBe(coinbase);
    expect(() => coinbaseOf({ ...sample, transactions: [tiny] })).toThrow('no coinbase');
    expect(() => coinbaseOf({ ...sample, transactions: [] })).toThrow('no coinbase');
  });
});
