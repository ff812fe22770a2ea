import type { ChainView } from '../chain/types.ts';
import { BLOCK_VERSION } from '../consensus/rules.ts';
import { bitsToTarget } from '../consensus/target.ts';
import { blockMerkleRoot, type Block } from '../primitives/block.ts';
import { HEADER_BYTES, type BlockHeader } from '../primitives/header.ts';
import { MAX_BLOCK_BYTES, MAX_TRANSACTIONS } from '../primitives/limits.ts';
import { encodeTransaction, type CoinbaseTransaction, type DataTransaction } from '../primitives/transaction.ts';
import { internalHash } from '../util/bytes.ts';
import { varintSize } from '../util/codec.ts';
import type { BlockTemplate } from './types.ts';

export interface TemplateParts {
  chain: Pick<ChainView, 'tip' | 'nextBits' | 'medianTimePast'>;
  /** Pending transactions that fit into so many bytes, the first first. */
  select: (maxBytes: number) => DataTransaction[];
  minerId: Uint8Array;
  minerName: string;
  dataText: string;
  extraNonce: bigint;
  /** Milliseconds since 1970. */
  now: number;
}

/** The block that would stand on the tip now, without a nonce. Its time is this clock's, or the earliest that the rules allow. */
export function buildTemplate(parts: TemplateParts): BlockTemplate {
  const { chain } = parts;
  const tip = chain.tip;
  const height = tip.height + 1;
  const coinbase: CoinbaseTransaction = {
    version: 1,
    kind: 'coinbase',
    height,
    minerId: parts.minerId,
    minerName: parts.minerName,
    extraNonce: parts.extraNonce,
    dataText: parts.dataText,
  };
  const room = MAX_BLOCK_BYTES - HEADER_BYTES - varintSize(MAX_TRANSACTIONS) - encodeTransaction(coinbase).length;
  const transactions = [coinbase, ...parts.select(room).slice(0, MAX_TRANSACTIONS - 1)];
  const bits = chain.nextBits(tip);
  const header: BlockHeader = {
    version: BLOCK_VERSION,
    previousHash: internalHash(tip.hash),
    merkleRoot: new Uint8Array(32),
    time: Math.max(chain.medianTimePast(tip) + 1, Math.floor(parts.now / 1000)),
    bits,
    nonce: 0,
  };
  const block: Block = { header, transactions };
  header.merkleRoot = blockMerkleRoot(block).root;
  return { block, header, height, target: bitsToTarget(bits) };
}
