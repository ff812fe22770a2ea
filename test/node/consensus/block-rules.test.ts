import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleError } from '../../../src/node/consensus/errors.ts';
import { checkBlock, checkBlockContextual, checkDataText, checkTransaction, parseBlock } from '../../../src/node/consensus/rules.ts';
import { encodeBlock, type Block } from '../../../src/node/primitives/block.ts';
import { MAX_BLOCK_BYTES, MAX_DATA_BYTES, MAX_JSON_DEPTH, MAX_MINER_NAME_BYTES, MAX_TRANSACTIONS } from '../../../src/node/primitives/limits.ts';
import { merkleRoot } from '../../../src/node/primitives/merkle.ts';
import { transactionHashHex, transactionId, type Transaction } from '../../../src/node/primitives/transaction.ts';
import { blockOf, coinbase, data } from './blocks.ts';
import { broken, ruleOf } from './broken.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('checkDataText', () => {
  it.each(['null', '"x"', '{"deep":[1,{"a":"é😀"}]}', ' 1 ', '1.0', '1e999', '"\\ud800"'])('takes %s', (text) => {
    checkDataText(text);
  });

  it.each(['', 'hello', '{', "{'a':1}", '\ufeff1', '1,2'])('refuses %j', (text) => {
    expect(broken(() => checkDataText(text))).toMatchObject({ rule: 'bad-data-json', got: text, message: 'its data is not JSON' });
  });

  it('refuses half of a surrogate pair', () => {
    expect(broken(() => checkDataText('"\ud800"'))).toMatchObject({ rule: 'bad-data-json', got: 'half of a surrogate pair' });
  });

  it('cuts what it quotes', () => {
    expect(broken(() => checkDataText('x'.repeat(5_000))).got.length).toBeLessThan(50);
  });

  it('counts bytes and not characters', () => {
    checkDataText(JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2)));
    checkDataText(JSON.stringify('é'.repeat((MAX_DATA_BYTES - 2) / 2)));
    expect(broken(() => checkDataText(JSON.stringify('x'.repeat(MAX_DATA_BYTES - 1))))).toMatchObject({
      rule: 'data-too-large',
      expected: `at most ${MAX_DATA_BYTES} bytes`,
      got: `${MAX_DATA_BYTES + 1} bytes`,
      message: 'its data has 262,145 bytes, 262,144 allowed',
    });
    expect(ruleOf(() => checkDataText(JSON.stringify(`é${'é'.repeat((MAX_DATA_BYTES - 2) / 2)}`)))).toBe('data-too-large');
  });

  it(`takes ${MAX_JSON_DEPTH} levels and refuses one more`, () => {
    checkDataText(nested(MAX_JSON_DEPTH));
    expect(broken(() => checkDataText(nested(MAX_JSON_DEPTH + 1)))).toMatchObject({
      rule: 'json-too-deep',
      expected: 'at most 32 levels',
      message: 'its data is nested more than 32 levels deep',
    });
  });

  it.each([
    ['100,000 brackets', nested(100_000)],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['50,000 objects', '{"a":'.repeat(50_000)],
  ])('never hands %s to the parser', (_name, text) => {
    expect(ruleOf(() => checkDataText(text))).toBe('json-too-deep');
  });

  it('takes every JSON text of fitting depth', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => checkDataText(text)));
  });
});

describe('checkTransaction', () => {
  it("limits the miner's name in bytes", () => {
    checkTransaction(coinbase({ minerName: 'é'.repeat(MAX_MINER_NAME_BYTES / 2) }));
    checkTransaction(coinbase({ minerName: '' }));
    expect(broken(() => checkTransaction(coinbase({ minerName: `${'é'.repeat(MAX_MINER_NAME_BYTES / 2)}x` })))).toMatchObject({
      rule: 'bad-miner-name',
      got: '33 bytes',
    });
    expect(ruleOf(() => checkTransaction(coinbase({ minerName: '\udc00' })))).toBe('bad-miner-name');
  });

  it('calls the data what it is told', () => {
    expect(broken(() => checkTransaction(data({ dataText: '?' }), 'the transaction')).message).toBe('the transaction is not JSON');
  });
});

describe('parseBlock', () => {
  const block = blockOf([coinbase(), data()]);

  it('reads what encodeBlock writes', () => {
    expect(parseBlock(encodeBlock(block))).toEqual(block);
  });

  it('refuses more bytes than a block may have', () => {
    expect(broken(() => parseBlock(new Uint8Array(MAX_BLOCK_BYTES + 1)))).toMatchObject({
      rule: 'block-too-large',
      score: 100,
      permanent: false,
      message: 'its size is 1,048,577 bytes, 1,048,576 allowed',
    });
  });

  it('refuses bytes that are no block', () => {
    expect(broken(() => parseBlock(encodeBlock(block).subarray(1)))).toMatchObject({ rule: 'block-malformed', permanent: false });
    expect(broken(() => parseBlock(new Uint8Array(10))).message).toBe(
      'its bytes cannot be read (previousHash: 32 bytes needed, 6 left)',
    );
  });

  it('throws nothing but RuleError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          parseBlock(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
        }
      }),
    );
  });
});

describe('checkBlock', () => {
  it('takes a coinbase alone, and one with others', () => {
    checkBlock(blockOf([coinbase()]));
    checkBlock(blockOf([coinbase(), data(), data(), data()]));
  });

  it('refuses no transactions', () => {
    expect(broken(() => checkBlock(blockOf([])))).toMatchObject({ rule: 'no-transactions', expected: 'at least 1', got: '0' });
  });

  it('refuses too many transactions', () => {
    const many = new Array<Transaction>(MAX_TRANSACTIONS + 1).fill(coinbase());
    expect(broken(() => checkBlock({ ...blockOf([coinbase()]), transactions: many }))).toMatchObject({
      rule: 'too-many-transactions',
      got: '10001',
      message: 'it has 10,001 transactions, 10,000 allowed',
    });
  });

  it('takes 10,000 transactions', () => {
    const full = blockOf([coinbase(), ...Array.from({ length: MAX_TRANSACTIONS - 1 }, () => data({ dataText: '1' }))]);
    expect(full.transactions).toHaveLength(10_000);
    checkBlock(full);
  });

  it('takes a block of exactly 1 MiB and refuses one byte more', () => {
    const part = JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2));
    const filled = (rest: number): Block =>
      blockOf([coinbase(), data({ dataText: part }), data({ dataText: part }), data({ dataText: part }), data({ dataText: JSON.stringify('x'.repeat(rest)) })]);
    const rest = 200_000 + MAX_BLOCK_BYTES - encodeBlock(filled(200_000)).length;
    const full = filled(rest);
    expect(encodeBlock(full).length).toBe(MAX_BLOCK_BYTES);
    checkBlock(full);
    expect(broken(() => checkBlock(filled(rest + 1)))).toMatchObject({ rule: 'block-too-large', got: `${MAX_BLOCK_BYTES + 1} bytes` });
  });

  it.each([
    ['the data', (tx: Transaction) => ({ ...tx, dataText: '{"a":2}' })],
    ['the spelling of the data', (tx: Transaction) => ({ ...tx, dataText: '{"a": 1}' })],
    ['1 as 1.0', (tx: Transaction) => ({ ...tx, dataText: '{"a":1.0}' })],
  ])('refuses a block with %s changed', (_name, change) => {
    const block = blockOf([coinbase(), data()]);
    const second = block.transactions[1] as Transaction;
    const changed = { ...block, transactions: [block.transactions[0] as Transaction, change(second)] };
    expect(broken(() => checkBlock(changed))).toMatchObject({ rule: 'bad-merkle-root', permanent: false, score: 100 });
  });

  it('refuses transactions in another order, or one left out', () => {
    const [a, b, c] = [coinbase(), data(), data()];
    const block = blockOf([a, b, c]);
    expect(ruleOf(() => checkBlock({ ...block, transactions: [a, c, b] }))).toBe('bad-merkle-root');
    expect(ruleOf(() => checkBlock({ ...block, transactions: [a, b] }))).toBe('bad-merkle-root');
  });

  it('refuses the repetition of CVE-2012-2459 without condemning the hash', () => {
    const transactions = [coinbase(), data(), data()];
    const block = blockOf(transactions);
    checkBlock(block);
    const forged = { ...block, transactions: [...transactions, transactions[2] as Transaction] };
    expect(merkleRoot(forged.transactions.map(transactionId)).root).toEqual(block.header.merkleRoot);
    expect(broken(() => checkBlock(forged))).toMatchObject({ rule: 'merkle-mutated', permanent: false, score: 100 });
  });

  it('refuses a duplicate that is no repetition of the end', () => {
    const twice = data();
    const error = broken(() => checkBlock(blockOf([coinbase(), twice, twice, data()])));
    expect(error).toMatchObject({ rule: 'duplicate-transaction', got: transactionHashHex(twice), permanent: true });
    expect(error.message).toBe('its transactions 1 and 2 are the same');
  });

  it('refuses a block without a coinbase in front, and one with a second', () => {
    expect(broken(() => checkBlock(blockOf([data(), coinbase()])))).toMatchObject({ rule: 'coinbase-missing', got: 'data' });
    const error = broken(() => checkBlock(blockOf([coinbase(), data(), coinbase({ extraNonce: 1n })])));
    expect(error).toMatchObject({ rule: 'coinbase-extra', message: 'its transaction 2 is a second coinbase' });
  });

  it('looks at the data of every transaction', () => {
    expect(broken(() => checkBlock(blockOf([coinbase({ dataText: 'x' })]))).message).toBe('its data is not JSON');
    expect(broken(() => checkBlock(blockOf([coinbase(), data(), data({ dataText: nested(33) })]))).message).toBe(
      'the data of its transaction 2 is nested more than 32 levels deep',
    );
    expect(ruleOf(() => checkBlock(blockOf([coinbase(), data({ dataText: JSON.stringify('x'.repeat(MAX_DATA_BYTES)) })])))).toBe('data-too-large');
    expect(ruleOf(() => checkBlock(blockOf([coinbase({ minerName: 'x'.repeat(33) })])))).toBe('bad-miner-name');
  });

  it('refuses a transaction made here that has no encoding', () => {
    const block = blockOf([coinbase(), data()]);
    const bad = (transaction: Transaction): string => ruleOf(() => checkBlock({ ...block, transactions: [coinbase(), transaction] }));
    expect(bad(data({ dataText: '"\ud800"' }))).toBe('block-malformed');
    expect(bad(data({ salt: new Uint8Array(3) }))).toBe('block-malformed');
  });
});

describe('checkBlockContextual', () => {
  it('takes the height of its place only', () => {
    const block = blockOf([coinbase({ height: 1_312 })]);
    checkBlockContextual(block, { height: 1_312 });
    expect(broken(() => checkBlockContextual(block, { height: 1_311 }))).toMatchObject({
      rule: 'bad-coinbase-height',
      expected: '1311',
      got: '1312',
      message: 'its coinbase says height 1,312, 1,311 needed',
    });
  });

  it('needs a coinbase', () => {
    expect(ruleOf(() => checkBlockContextual(blockOf([data()]), { height: 1 }))).toBe('coinbase-missing');
    expect(ruleOf(() => checkBlockContextual(blockOf([]), { height: 1 }))).toBe('coinbase-missing');
  });
});
