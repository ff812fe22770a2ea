import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, encodedTransactions, type Block } from '../../../src/node/primitives/block.ts';
import { partsOfBlock, type BlockParts } from '../../../src/node/primitives/block-parts.ts';
import { HEADER_BYTES } from '../../../src/node/primitives/header.ts';
import { block, coinbase, dataTransaction, header } from './arbitraries.ts';
import { decodeFailure } from './failure.ts';

/** What `decodeBlock` says of it. */
function asDecoded(bytes: Uint8Array): BlockParts {
  const { header: all, transactions } = decodeBlock(bytes);
  const { previousHash, merkleRoot, time, bits, nonce } = all;
  return {
    header: { previousHash, merkleRoot, time, bits, nonce },
    transactions: transactions.map((transaction, at) => ({
      kind: transaction.kind,
      dataText: transaction.dataText,
      bytes: encodedTransactions(bytes)[at] ?? new Uint8Array(0),
      ...(transaction.kind === 'data' ? { time: transaction.time } : {}),
    })),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** With bytes as text, which is compared in no time. */
function asListed({ header: { previousHash, merkleRoot, time, bits, nonce }, transactions }: BlockParts): unknown {
  return { previousHash: hex(previousHash), merkleRoot: hex(merkleRoot), time, bits, nonce, transactions: transactions.map((each) => ({ ...each, bytes: hex(each.bytes) })) };
}

/** As the rules have it: the coinbase first, then data. */
const usual: fc.Arbitrary<Block> = fc.record({ header, transactions: fc.tuple(coinbase, fc.array(dataTransaction, { maxLength: 4 })).map(([first, rest]) => [first, ...rest]) });
/** Lengths that take another encoding. */
const long: fc.Arbitrary<Block> = fc.tuple(usual, fc.constantFrom(0xfb, 0xfc, 0xfd, 0xffff, 0x1_0000), fc.constantFrom('x', 'ü')).map(([value, length, letter]) => {
  const [first, ...rest] = value.transactions;
  return first === undefined ? value : { ...value, transactions: [{ ...first, dataText: letter.repeat(length) }, ...rest] };
});

describe('partsOfBlock', () => {
  it('says of every block what decodeBlock says', () => {
    fc.assert(
      fc.property(fc.oneof(usual, long, block), (value) => {
        const bytes = encodeBlock(value);
        expect(asListed(partsOfBlock(bytes))).toEqual(asListed(asDecoded(bytes)));
      }),
    );
  });

  it('says so of many transactions too, whose number has another encoding', () => {
    const [value] = fc.sample(usual, { numRuns: 1, seed: 1 });
    const [one] = fc.sample(dataTransaction, { numRuns: 1, seed: 1 });
    if (value === undefined || one === undefined) throw new Error('no sample');
    for (const count of [0xfc, 0xfd, 300]) {
      const bytes = encodeBlock({ ...value, transactions: Array.from({ length: count }, () => one) });
      expect(asListed(partsOfBlock(bytes))).toEqual(asListed(asDecoded(bytes)));
    }
  });

  it('takes and refuses what decodeBlock takes and refuses, with one byte changed or bytes cut off', () => {
    const changed = fc.tuple(usual, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean()).map(([value, at, byte, cut]) => {
      const bytes = encodeBlock(value);
      const place = HEADER_BYTES + (at % (bytes.length - HEADER_BYTES));
      if (cut) return bytes.slice(0, place);
      bytes[place] = byte;
      return bytes;
    });
    const outcomes = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        let wanted: BlockParts;
        try {
          wanted = asDecoded(bytes);
        } catch {
          outcomes.refused += 1;
          expect(decodeFailure(() => partsOfBlock(bytes))).toBeDefined();
          return;
        }
        outcomes.taken += 1;
        expect(asListed(partsOfBlock(bytes))).toEqual(asListed(wanted));
      }),
      { numRuns: 2_000 },
    );
    expect(outcomes.taken).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});
