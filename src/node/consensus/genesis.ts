import type { Block } from '../primitives/block.ts';
import { MINER_ID_BYTES } from '../primitives/transaction.ts';
import { internalHash, type HashHex } from '../util/bytes.ts';

/** What one network's genesis block has of its own; its root and nonce were computed and mined once. */
export interface GenesisFields {
  dataText: string;
  /** Seconds since 1970. */
  time: number;
  bits: number;
  nonce: number;
  merkleRoot: HashHex;
}

/** The genesis block of these fields. Its previous hash is 32 zero bytes, its miner nobody. */
export function genesisBlock(fields: GenesisFields): Block {
  return {
    header: {
      version: 1,
      previousHash: new Uint8Array(32),
      merkleRoot: internalHash(fields.merkleRoot),
      time: fields.time,
      bits: fields.bits,
      nonce: fields.nonce,
    },
    transactions: [
      {
        version: 1,
        kind: 'coinbase',
        height: 0,
        minerId: new Uint8Array(MINER_ID_BYTES),
        minerName: '',
        extraNonce: 0n,
        dataText: fields.dataText,
      },
    ],
  };
}
