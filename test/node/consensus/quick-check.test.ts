import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quickCheck } from '../../../src/node/consensus/quick-check.ts';
import { checkBlock, parseBlock } from '../../../src/node/consensus/rules.ts';
import { coinbaseOf, encodeBlock, encodedTransactions } from '../../../src/node/primitives/block.ts';
import { encodeHeader } from '../../../src/node/primitives/header.ts';
import { MAX_TRANSACTION_TIME } from '../../../src/node/primitives/limits.ts';
import { merkleRoot } from '../../../src/node/primitives/merkle.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { concatBytes, isWellFormed } from '../../../src/node/util/bytes.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { dataTransaction, genesisParent, mineBlock, type MineOptions } from '../../helpers/mine-fork.ts';

/** What the full check says of the bytes: ids and height, or undefined when a rule is broken. */
function full(bytes: Uint8Array): { ids: string[]; height: number } | undefined {
  try {
    const block = parseBlock(bytes);
    checkBlock(block);
    return { ids: block.transactions.map(transactionHashHex), height: coinbaseOf(block).height };
  } catch {
    return undefined;
  }
}

const mined = (options: MineOptions = {}): Uint8Array => mineBlock(genesisParent(), options).bytes;
const many = (count: number): MineOptions => ({ txs: Array.from({ length: count }, (_, i) => dataTransaction(i)) });

/** A block whose last transaction has other bytes, under the Merkle root of what it holds then. */
function changed(options: MineOptions, change: (bytes: number[]) => number[]): Uint8Array {
  const transactions = encodedTransactions(mined(options)).map((bytes, i, all) => (i < all.length - 1 ? bytes : Uint8Array.from(change([...bytes]))));
  const { root } = merkleRoot(transactions.map(hash256));
  const { header } = mineBlock(genesisParent(), { header: { merkleRoot: root } });
  return concatBytes(encodeHeader(header), Uint8Array.of(transactions.length), ...transactions);
}

describe('quickCheck', () => {
  it.each<[string, MineOptions]>([
    ['a coinbase alone', {}],
    ['two transactions', many(1)],
    ['three', many(2)],
    ['eight', many(7)],
    ['nine', many(8)],
    ['252, the most of the short count', many(251)],
    ['a text of 300 bytes, whose length takes three', { data: 'x'.repeat(300) }],
    ['one of 70,000, whose length takes five', { data: 'x'.repeat(70_000) }],
    ['JSON that is no plain string', { dataText: ' { "a": [1, "\\u00e9", "é😀"] } ' }],
    ['an empty name', { minerName: '' }],
  ])('takes %s, and gives what the full check gives', (_name, options) => {
    const bytes = mined(options);
    const [quick] = quickCheck([bytes]);
    expect(quick).toBeDefined();
    expect(quick).toEqual(full(bytes));
  });

  it('judges many blocks at once as it does one at a time', () => {
    const blocks = [mined(), mined(many(1)), new Uint8Array(10), mined(many(5)), mined({ ...many(1), header: { merkleRoot: new Uint8Array(32) } }), mined(many(1))];
    const all = quickCheck(blocks);
    expect(all).toEqual(blocks.map((bytes) => quickCheck([bytes])[0]));
    expect(all.map((quick) => quick !== undefined)).toEqual([true, true, false, true, false, true]);
    expect(quickCheck([])).toEqual([]);
  });

  const text = dataTransaction('twice');
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a header alone', mined().subarray(0, 80)],
    ['no transactions', Uint8Array.of(...mined().subarray(0, 80), 0)],
    ['bytes behind its end', Uint8Array.of(...mined(), 0)],
    ['a cut end', mined().slice(0, -1)],
    ['another Merkle root', mined({ header: { merkleRoot: new Uint8Array(32) } })],
    ['no coinbase', mined({ transactions: (transactions) => [...transactions.slice(1), dataTransaction()] })],
    ['a second coinbase', mined({ transactions: (transactions) => [...transactions, ...transactions] })],
    ['a transaction twice', mined({ txs: [text, dataTransaction(), text] })],
    ['a repeated end (CVE-2012-2459)', mined({ transactions: ([first, ...rest]) => [first, ...rest, text, text].filter((each) => each !== undefined) })],
    ['text that is no JSON', mined({ dataText: 'no json' })],
    ['text nested too deep', mined({ dataText: '['.repeat(33) + ']'.repeat(33) })],
    ['a string that ends with its escape', mined({ dataText: '"\\"' })],
    ['a quote inside', mined({ dataText: '"a"b"' })],
    ['a line break inside', mined({ dataText: '"a\nb"' })],
    ['the last control character inside', mined({ dataText: '"a\u001fb"' })],
    ['one quote', mined({ dataText: '"' })],
    ['no text', mined({ dataText: '' })],
    ['a name of 33 bytes', mined({ minerName: 'n'.repeat(33) })],
    ['a length below 253 in three bytes', changed({}, ([v0 = 0, v1 = 0, kind = 0, length = 0, ...payload]) => [v0, v1, kind, 0xfd, length, 0, ...payload])],
    ['a length below 65,536 in five bytes', changed({ data: 'x'.repeat(300) }, ([v0 = 0, v1 = 0, kind = 0, _form, low = 0, high = 0, ...payload]) => [v0, v1, kind, 0xfe, low, high, 0, 0, ...payload])],
    ['a text whose length takes more bytes than it needs', changed({ dataText: '7' }, ([v0 = 0, v1 = 0, kind = 0, length = 0, ...payload]) => [v0, v1, kind, length + 2, ...payload.slice(0, -2), 0xfd, 1, 0, 0x37])],
    ['a transaction of another version', changed(many(1), ([_low, ...rest]) => [2, ...rest])],
    ['a data transaction that says it is a coinbase', changed(many(1), ([v0 = 0, v1 = 0, _kind, ...rest]) => [v0, v1, 0, ...rest])],
    ['a transaction of an unknown kind', changed(many(1), ([v0 = 0, v1 = 0, _kind, ...rest]) => [v0, v1, 2, ...rest])],
    ['more than 1 MiB', mined({ txs: Array.from({ length: 5 }, () => dataTransaction('x'.repeat(250_000))) })],
    ['a time after the last date', mined({ txs: [{ ...dataTransaction(), time: MAX_TRANSACTION_TIME + 1 }] })],
  ])('does not take %s', (_name, bytes) => {
    expect(full(bytes)).toBeUndefined();
    expect(quickCheck([bytes])).toEqual([undefined]);
  });

  it('takes the block whose transaction was changed to what it was', () => {
    const bytes = changed(many(1), (transaction) => transaction);
    expect(quickCheck([bytes])).toEqual([full(bytes)]);
    expect(full(bytes)).toBeDefined();
  });

  it('leaves what is valid but out of the ordinary to the full check', () => {
    for (const bytes of [mined(many(252)), mined({ minerName: 'Zoë' })]) {
      expect(full(bytes)).toBeDefined();
      expect(quickCheck([bytes])).toEqual([undefined]);
    }
  });

  it('never takes what the full check refuses, and agrees on what both take, whatever was changed', () => {
    const samples = [mined(), mined(many(1)), mined(many(2)), mined({ dataText: '{"a":[1,2]}', ...many(1) })];
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: -3, max: 3 }),
        (sample, changes, longer) => {
          const bytes = new Uint8Array(Math.max(0, sample.length + longer));
          bytes.set(sample.subarray(0, bytes.length));
          for (const { at, to } of changes) if (bytes.length > 0) bytes[at % bytes.length] = to;
          const [quick] = quickCheck([bytes]);
          if (quick !== undefined) expect(quick).toEqual(full(bytes));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('agrees on any texts and counts', () => {
    const texts = fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' }).filter(isWellFormed).map((value) => JSON.stringify(value)));
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 6 }), ([first = '""', ...rest]) => {
        const block = mineBlock(genesisParent(), { txs: rest.map((dataText) => ({ ...dataTransaction(), dataText })), data: 'x' }).block;
        (block.transactions[0] as { dataText: string }).dataText = first;
        let bytes: Uint8Array;
        try {
          bytes = encodeBlock(block);
        } catch {
          return;
        }
        const [quick] = quickCheck([bytes]);
        if (quick !== undefined) expect(quick).toEqual(full(bytes));
      }),
    );
  });
});
