/** Real blocks, as quickly as one thread makes them: for stores to measure with, not for networks. */
import type { NetworkParams } from '../../src/node/consensus/params.ts';
import { checkPow } from '../../src/node/consensus/target.ts';
import { blockMerkleRoot, encodeBlock, type Block } from '../../src/node/primitives/block.ts';
import { encodeHeader, NONCE_OFFSET, type BlockHeader } from '../../src/node/primitives/header.ts';
import { MINER_ID_BYTES, SALT_BYTES, type DataTransaction } from '../../src/node/primitives/transaction.ts';
import { displayHash, internalHash } from '../../src/node/util/bytes.ts';
import { hash256 } from '../../src/node/util/hash.ts';

export interface Parent {
  hash: string;
  height: number;
  /** Seconds since 1970. */
  time: number;
}

export interface Made extends Parent {
  bytes: Uint8Array;
}

/** Numbers from 0 up to 1 that depend on the seed alone (mulberry32, in the public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many data transactions for the block after `parent`, each about 60 bytes. `number` keeps those of two blocks apart. */
function dataTransactions(parent: Parent, count: number, number: number): DataTransaction[] {
  return Array.from({ length: count }, (_, index) => {
    const salt = new Uint8Array(SALT_BYTES);
    new DataView(salt.buffer).setUint32(0, number, true);
    return { version: 1, kind: 'data', time: parent.time * 1000 + index, salt, dataText: `{"reading":${String(number)},"celsius":20}` };
  });
}

/**
 * A block with its proof of work on `parent`. `miner` is one byte, which makes the miner's id; `extraNonce` keeps two blocks of one parent apart.
 * @param transactions in the block, its coinbase included
 */
export function mineBlock(params: NetworkParams, parent: Parent, time: number, miner: number, extraNonce: number, transactions = 1): Made {
  const height = parent.height + 1;
  const header: BlockHeader = {
    version: 1,
    previousHash: internalHash(parent.hash),
    merkleRoot: new Uint8Array(32),
    time,
    bits: params.powLimitBits,
    nonce: 0,
  };
  const block: Block = {
    header,
    transactions: [
      {
        version: 1,
        kind: 'coinbase',
        height,
        minerId: new Uint8Array(MINER_ID_BYTES).fill(miner),
        minerName: `miner ${String(miner)}`,
        extraNonce: BigInt(extraNonce),
        dataText: `"block ${String(height)}"`,
      },
      ...dataTransactions(parent, transactions - 1, extraNonce),
    ],
  };
  header.merkleRoot = blockMerkleRoot(block).root;
  const bytes = encodeHeader(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let internal = hash256(bytes);
  while (!checkPow(internal, header.bits, params.powLimit)) {
    view.setUint32(NONCE_OFFSET, ++header.nonce, true);
    internal = hash256(bytes);
  }
  return { hash: displayHash(internal), height, time, bytes: encodeBlock(block) };
}
