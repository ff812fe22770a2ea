import type { BlockBranch, BlockDetail, BlockSummary, TransactionInfo } from '../../shared/blocks.ts';
import type { ChainTip } from '../../shared/events.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { difficultyOf, expectedHashes, leadingZeroBits, requiredZeroBits } from '../consensus/target.ts';
import { coinbaseOf, type Block } from '../primitives/block.ts';
import { encodeHeader } from '../primitives/header.ts';
import { encodeTransaction, previewData, type Transaction } from '../primitives/transaction.ts';
import { displayHash, internalHash, toHex } from '../util/bytes.ts';
import { hash256 } from '../util/hash.ts';
import { API_LIMITS } from './limits.ts';

/** Where a stored block stands now. */
export function branchOf(chain: Pick<ChainView, 'isActive'>, entry: BlockIndexEntry): BlockBranch {
  if (entry.invalid) return 'invalid';
  return chain.isActive(entry) ? 'active' : 'side';
}

export function tipOf(entry: BlockIndexEntry): ChainTip {
  return { hash: entry.hash, height: entry.height, time: entry.header.time, chainwork: entry.chainwork.toString(16) };
}

export function summarize(entry: BlockIndexEntry, block: Block, branch: BlockBranch): BlockSummary {
  const coinbase = coinbaseOf(block);
  const { header } = entry;
  const preview = previewData(coinbase.dataText);
  return {
    hash: entry.hash,
    previousHash: displayHash(header.previousHash),
    height: entry.height,
    time: header.time,
    bits: header.bits,
    nonce: header.nonce,
    chainwork: entry.chainwork.toString(16),
    branch,
    dataPreview: preview.text,
    dataTruncated: preview.truncated,
    transactionCount: entry.transactionCount === 0 ? block.transactions.length : entry.transactionCount,
    size: entry.size,
    minerId: toHex(coinbase.minerId),
    minerName: coinbase.minerName,
    receivedAt: entry.receivedAt,
    origin: entry.origin ?? 'disk',
  };
}

function transactionInfo(transaction: Transaction): TransactionInfo {
  const bytes = encodeTransaction(transaction);
  return {
    id: displayHash(hash256(bytes)),
    kind: transaction.kind,
    dataText: transaction.dataText,
    size: bytes.length,
    ...(transaction.kind === 'data' ? { time: transaction.time } : {}),
  };
}

export interface DetailParts {
  chain: Pick<ChainView, 'isActive' | 'children' | 'tip' | 'invalidReason'>;
  powLimitBits: number;
}

/** Everything about one block. */
export function detail(entry: BlockIndexEntry, block: Block, summary: BlockSummary, parts: DetailParts): BlockDetail {
  const { chain } = parts;
  const { header } = entry;
  const invalidReason = summary.branch === 'invalid' ? chain.invalidReason(entry.hash) : undefined;
  return {
    ...summary,
    version: header.version,
    merkleRoot: displayHash(header.merkleRoot),
    headerHex: toHex(encodeHeader(header)),
    dataText: coinbaseOf(block).dataText,
    transactions: block.transactions.map(transactionInfo),
    children: chain
      .children(entry.hash)
      .filter((child) => child.hasBlock)
      .slice(0, API_LIMITS.children)
      .map((child) => ({ hash: child.hash, height: child.height, branch: branchOf(chain, child) })),
    confirmations: summary.branch === 'active' ? chain.tip.height - entry.height + 1 : 0,
    difficulty: difficultyOf(header.bits, parts.powLimitBits),
    zeroBits: leadingZeroBits(internalHash(entry.hash)),
    requiredZeroBits: requiredZeroBits(header.bits),
    expectedHashes: expectedHashes(header.bits),
    ...(entry.checkMs === undefined ? {} : { checkMs: entry.checkMs }),
    ...(invalidReason === undefined ? {} : { invalidReason }),
  };
}
