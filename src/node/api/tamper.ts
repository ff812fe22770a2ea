import type { RuleViolation } from '../../shared/blocks.ts';
import type { TamperFault, TamperReport, TamperRequest, TamperStep } from '../../shared/tamper.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { RuleError } from '../consensus/errors.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { checkBlock, checkBlockContextual, checkHeader, checkHeaderContextual } from '../consensus/rules.ts';
import { blockWork, checkPow, leadingZeroBits, requiredZeroBits } from '../consensus/target.ts';
import { blockMerkleRoot, coinbaseOf, type Block } from '../primitives/block.ts';
import { hashHeader } from '../primitives/header.ts';
import { transactionHashHex } from '../primitives/transaction.ts';
import { displayHash, internalHash } from '../util/bytes.ts';
import { checkText } from './data-text.ts';
import { branchOf } from './summary.ts';

export interface TamperParts {
  chain: Pick<ChainView, 'tip' | 'getEntry' | 'getActive' | 'isActive' | 'getAncestor' | 'sideTips' | 'getBlock' | 'readHeaders' | 'nextBits' | 'medianTimePast'>;
  params: NetworkParams;
  /** Hashes a second of this node, as far back as it is known; undefined when it never mined. */
  hashRate: number | undefined;
}

/**
 * Changes the data of a stored block on a copy in memory, and has the rules of consensus judge it: coinbase id, Merkle root and hash are worked out anew,
 * while time, bits and nonce stay. Undefined when the block is not stored or its body is damaged. Nothing is written, sent or remembered.
 * Reads the block once and checks it twice.
 * @throws ApiError `data-too-large`, `data-not-json`, as for data that is to be mined
 */
export async function tamperWith(parts: TamperParts, request: TamperRequest): Promise<TamperReport | undefined> {
  const { chain, params } = parts;
  checkText(request.dataText);
  const entry = typeof request.block === 'number' ? chain.getActive(request.block) : chain.getEntry(request.block);
  if (entry === undefined || !entry.hasBlock) return undefined;
  const block = await chain.getBlock(entry.hash);
  if (block === undefined) return undefined;
  const [oldCoinbase, ...others] = [coinbaseOf(block), ...block.transactions.slice(1)];
  const coinbase = { ...oldCoinbase, dataText: request.dataText };
  const transactions = [coinbase, ...others];
  // The data under the header as it was: the rule that says no names the root that the header should have.
  const underOld = collect('old-header', entry.height, [() => checkBlock({ header: block.header, transactions })]);
  const named = underOld.find(({ violation }) => violation.rule === 'bad-merkle-root')?.violation.expected;
  const merkleRoot = named === undefined ? blockMerkleRoot({ header: block.header, transactions }).root : internalHash(named);
  const copy: Block = { header: { ...block.header, merkleRoot }, transactions };
  const internal = hashHeader(copy.header);
  const newHash = displayHash(internal);
  const changed = newHash !== entry.hash;
  const end = endOfBranch(chain, entry);
  const { bits } = copy.header;
  const needsWork = changed && !checkPow(internal, bits, params.powLimit);
  return {
    hash: entry.hash,
    height: entry.height,
    branch: branchOf(chain, entry),
    changed,
    newHash,
    merkleRoot: displayHash(block.header.merkleRoot),
    newMerkleRoot: displayHash(merkleRoot),
    coinbaseId: transactionHashHex(oldCoinbase),
    newCoinbaseId: transactionHashHex(coinbase),
    zeroBits: leadingZeroBits(internal),
    requiredZeroBits: requiredZeroBits(bits),
    faults: changed ? [...underOld, ...ownFaults(parts, entry, copy, internal), ...(await childFault(chain, entry, newHash, end))] : [],
    blocksAbove: end.height - entry.height,
    cost: {
      hashes: needsWork ? Number(blockWork(bits)) : 0,
      hashesAbove: changed ? Number(end.chainwork - entry.chainwork) : 0,
      ...(parts.hashRate === undefined ? {} : { hashRate: parts.hashRate }),
    },
  };
}

/** The last block of the branch with the most work that goes through `entry`; itself when nothing stands on it. */
function endOfBranch(chain: TamperParts['chain'], entry: BlockIndexEntry): BlockIndexEntry {
  if (chain.isActive(entry)) return chain.tip;
  return chain.sideTips().find((tip) => tip.height > entry.height && chain.getAncestor(tip, entry.height) === entry) ?? entry;
}

/** Runs checks one after the other, each to its first broken rule, as if the ones before had passed. */
function collect(step: TamperStep, height: number, checks: readonly (() => void)[]): TamperFault[] {
  const found = new Map<string, RuleViolation>();
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      // Two checks may look at the same thing, such as a missing coinbase.
      if (!found.has(error.rule)) found.set(error.rule, error.toViolation());
    }
  }
  return [...found.values()].map((violation) => ({ step, height, violation }));
}

function ownFaults({ chain, params }: TamperParts, entry: BlockIndexEntry, copy: Block, hash: Uint8Array): TamperFault[] {
  const { height, parent } = entry;
  const { header } = copy;
  const body = [() => checkBlock(copy), () => checkBlockContextual(copy, { height })];
  const place =
    parent === undefined
      ? []
      : [
          () => {
            const place = { parentHash: parent.hash, height, expectedBits: chain.nextBits(parent), medianTimePast: chain.medianTimePast(parent) };
            // How far ahead of the clock it was mattered on the day it came.
            checkHeaderContextual(header, { ...place, nowSeconds: header.time });
          },
        ];
  return collect('copy', height, [() => checkHeader(header, hash, params), ...place, ...body]);
}

/** What the next block on the way to `end` says to a parent of another hash. */
async function childFault(chain: TamperParts['chain'], entry: BlockIndexEntry, newHash: string, end: BlockIndexEntry): Promise<TamperFault[]> {
  const child = end === entry ? undefined : chain.getAncestor(end, entry.height + 1);
  const [header] = child === undefined ? [] : await chain.readHeaders([child]);
  if (child === undefined || header === undefined) return [];
  const place = { parentHash: newHash, height: child.height, expectedBits: chain.nextBits(entry), medianTimePast: chain.medianTimePast(entry), nowSeconds: header.time };
  return collect('child', child.height, [() => checkHeaderContextual(header, place)]);
}
