import fc from 'fast-check';
import type { Block } from '../../../src/node/primitives/block.ts';
import type { BlockHeader } from '../../../src/node/primitives/header.ts';
import { MAX_TRANSACTION_TIME } from '../../../src/node/primitives/limits.ts';
import type { CoinbaseTransaction, DataTransaction, Transaction } from '../../../src/node/primitives/transaction.ts';
import { utf8Encode } from '../../../src/node/util/bytes.ts';
import { anyCharacter } from '../../helpers/characters.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.string({ unit: anyCharacter, maxLength: 40 });

export const header: fc.Arbitrary<BlockHeader> = fc.record({
  version: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  previousHash: bytes(32),
  merkleRoot: bytes(32),
  time: u32,
  bits: u32,
  nonce: u32,
});

export const coinbase: fc.Arbitrary<CoinbaseTransaction> = fc.record({
  version: fc.constant(1 as const),
  kind: fc.constant('coinbase' as const),
  height: u32,
  minerId: bytes(16),
  minerName: fc.string({ unit: anyCharacter, maxLength: 32 }).filter((name) => utf8Encode(name).length <= 32),
  extraNonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  dataText: text,
});

export const dataTransaction: fc.Arbitrary<DataTransaction> = fc.record({
  version: fc.constant(1 as const),
  kind: fc.constant('data' as const),
  time: fc.integer({ min: 0, max: MAX_TRANSACTION_TIME }),
  salt: bytes(8),
  dataText: text,
});

export const transaction: fc.Arbitrary<Transaction> = fc.oneof(coinbase, dataTransaction);

export const block: fc.Arbitrary<Block> = fc.record({ header, transactions: fc.array(transaction, { maxLength: 6 }) });
