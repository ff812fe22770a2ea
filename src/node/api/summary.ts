import type { BlockBranch, BlockChild, BlockDetail, BlockSummary, TransactionInfo } from '../../shared/blocks.ts';
import type { ChainTip, SideTip } from '../../shared/events.ts';
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
  return { hash: entry.hash, height: entry.height, time: entry.time, chainwork: entry.chainwork.toString(16) };
}

export function sideTip(tip: BlockIndexEntry, forkHeight: number): SideTip {
  return { hash: tip.hash, height: tip.height, forkHeight, chainwork: tip.chainwork.toString(16), branch: tip.invalid ? 'invalid' : 'side' };
}

export function summarize(entry: BlockIndexEntry, block: Block, branch: BlockBranch): BlockSummary {
  const coinbase = coinbaseOf(block);
  const { header } = block;
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
  const info: TransactionInfo = { id: displayHash(hash256(bytes)), kind: transaction.kind, dataText: transaction.dataText, size: bytes.length };
  if (transaction.kind === 'data') info.time = transaction.time;
  return info;
}

interface Work {
  difficulty: number;
  requiredZeroBits: number;
  expectedHashes: number;
}

/** Big-number arithmetic that is the same for every block of the same bits: a chain that is streamed asks for it again and again. */
const works = new Map<string, Work>();

function workOf(bits: number, powLimitBits: number): Work {
  const key = `${String(bits)} ${String(powLimitBits)}`;
  let work = works.get(key);
  if (work === undefined) {
    if (works.size >= API_LIMITS.rememberedBits) works.clear();
    work = { difficulty: difficultyOf(bits, powLimitBits), requiredZeroBits: requiredZeroBits(bits), expectedHashes: expectedHashes(bits) };
    works.set(key, work);
  }
  return work;
}

export interface DetailParts {
  chain: Pick<ChainView, 'isActive' | 'children' | 'tip' | 'invalidReason'>;
  powLimitBits: number;
}

/** Everything about one block. Spelled out instead of spread: a chain that is streamed makes ten thousand of these a second. */
export function detail(entry: BlockIndexEntry, block: Block, summary: BlockSummary, parts: DetailParts): BlockDetail {
  const { chain } = parts;
  const { header } = block;
  const work = workOf(header.bits, parts.powLimitBits);
  const children: BlockChild[] = [];
  for (const child of chain.children(entry.hash)) {
    if (children.length >= API_LIMITS.children) break;
    if (child.hasBlock) children.push({ hash: child.hash, height: child.height, branch: branchOf(chain, child) });
  }
  const all: BlockDetail = {
    hash: summary.hash,
    previousHash: summary.previousHash,
    height: summary.height,
    time: summary.time,
    bits: summary.bits,
    nonce: summary.nonce,
    chainwork: summary.chainwork,
    branch: summary.branch,
    dataPreview: summary.dataPreview,
    dataTruncated: summary.dataTruncated,
    transactionCount: summary.transactionCount,
    size: summary.size,
    minerId: summary.minerId,
    minerName: summary.minerName,
    receivedAt: summary.receivedAt,
    origin: summary.origin,
    version: header.version,
    merkleRoot: displayHash(header.merkleRoot),
    headerHex: toHex(encodeHeader(header)),
    dataText: coinbaseOf(block).dataText,
    transactions: block.transactions.map(transactionInfo),
    children,
    confirmations: summary.branch === 'active' ? chain.tip.height - entry.height + 1 : 0,
    difficulty: work.difficulty,
    zeroBits: leadingZeroBits(internalHash(entry.hash)),
    requiredZeroBits: work.requiredZeroBits,
    expectedHashes: work.expectedHashes,
  };
  if (entry.checkMs !== undefined) all.checkMs = entry.checkMs;
  const invalidReason = summary.branch === 'invalid' ? chain.invalidReason(entry.hash) : undefined;
  if (invalidReason !== undefined) all.invalidReason = invalidReason;
  return all;
}
