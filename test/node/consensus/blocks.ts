import { REGTEST } from '../../../src/node/consensus/params.ts';
import { checkPow } from '../../../src/node/consensus/target.ts';
import { blockMerkleRoot, type Block } from '../../../src/node/primitives/block.ts';
import { hashHeader, type BlockHeader } from '../../../src/node/primitives/header.ts';
import type { CoinbaseTransaction, DataTransaction, Transaction } from '../../../src/node/primitives/transaction.ts';
import { bigIntToBytesLE } from '../../../src/node/util/bytes.ts';

export const coinbase = (fields: Partial<CoinbaseTransaction> = {}): CoinbaseTransaction => ({
  version: 1,
  kind: 'coinbase',
  height: 1,
  minerId: new Uint8Array(16).fill(7),
  minerName: 'Birch',
  extraNonce: 0n,
  dataText: '"hello"',
  ...fields,
});

let salts = 0n;
/** Each with a salt of its own. */
export const data = (fields: Partial<DataTransaction> = {}): DataTransaction => ({
  version: 1,
  kind: 'data',
  time: 1_767_225_600_000,
  salt: bigIntToBytesLE(salts++, 8),
  dataText: '{"a":1}',
  ...fields,
});

/** A block on regtest's genesis block with the root of its transactions. Its proof of work is not looked for. */
export function blockOf(transactions: Transaction[], fields: Partial<BlockHeader> = {}): Block {
  const header: BlockHeader = {
    version: 1,
    previousHash: hashHeader(REGTEST.genesis.header),
    merkleRoot: new Uint8Array(32),
    time: REGTEST.genesis.header.time + 10,
    bits: REGTEST.powLimitBits,
    nonce: 0,
  };
  const block: Block = { header, transactions };
  header.merkleRoot = blockMerkleRoot(block).root;
  Object.assign(header, fields);
  return block;
}

/** The header with the first nonce whose hash meets, or with `miss` does not meet, its bits. */
export function mined(header: BlockHeader, powLimit: bigint, miss = false): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const tried = { ...header, nonce };
    if (checkPow(hashHeader(tried), header.bits, powLimit) !== miss) return tried;
  }
}
