/** A change of the tip: planned from the index alone, then checked against the bodies; nothing is changed here. */
import type { HashHex } from '../../shared/blocks.ts';
import { RuleError } from '../consensus/errors.ts';
import { transactionHashHex } from '../primitives/transaction.ts';
import type { Block } from '../primitives/block.ts';
import type { BlockIndex } from './block-index.ts';
import type { IndexEntry } from './index-entry.ts';
import { DECODED_BLOCK_BYTES, DECODED_TRANSACTION_BYTES, MAX_REORG_CACHE_BYTES } from './limits.ts';
import type { Store, StoreOp } from './store/store.ts';

export interface ReorgPlan {
  readonly fork: IndexEntry;
  readonly oldTip: IndexEntry;
  readonly newTip: IndexEntry;
  /** Tip first. */
  readonly disconnect: readonly IndexEntry[];
  /** Fork first. */
  readonly connect: readonly IndexEntry[];
}

export type PlanCheck =
  | { status: 'ok'; ops: StoreOp[] }
  /** `entry` breaks a rule on this branch. */
  | { status: 'invalid'; entry: IndexEntry; error: RuleError }
  /** The body of `entry` cannot be read any more. */
  | { status: 'unreadable'; entry: IndexEntry };

export function planReorg(index: BlockIndex, newTip: IndexEntry): ReorgPlan {
  const oldTip = index.tip;
  const fork = index.forkOf(newTip);
  const disconnect: IndexEntry[] = [];
  for (let at = oldTip; at !== fork && at.parent !== undefined; at = at.parent) disconnect.push(at);
  const connect: IndexEntry[] = [];
  for (let at = newTip; at !== fork && at.parent !== undefined; at = at.parent) connect.push(at);
  return { fork, oldTip, newTip, disconnect, connect: connect.reverse() };
}

/** Blocks that a reorg reads twice, for its check and for its events, as far as MAX_REORG_CACHE_BYTES reaches. */
export class BlockCache {
  readonly #blocks = new Map<HashHex, Block>();
  #bytes = 0;

  /** `size` is the encoded one, in bytes; what the objects take comes on top. */
  put(entry: Pick<IndexEntry, 'hash'>, block: Block, size: number): void {
    const cost = size + DECODED_BLOCK_BYTES + DECODED_TRANSACTION_BYTES * block.transactions.length;
    if (this.#blocks.has(entry.hash) || this.#bytes + cost > MAX_REORG_CACHE_BYTES) return;
    this.#bytes += cost;
    this.#blocks.set(entry.hash, block);
  }

  get(hash: HashHex): Block | undefined {
    return this.#blocks.get(hash);
  }
}

/** New heights, and the end of the old ones when the new branch is shorter (fewer blocks can have more work). */
function heightOps(plan: ReorgPlan): StoreOp[] {
  const ops: StoreOp[] = plan.connect.map((entry) => ({ op: 'active', height: entry.height, hash: entry.hash }));
  for (let height = plan.newTip.height + 1; height <= plan.oldTip.height; height++) ops.push({ op: 'active', height, hash: undefined });
  return ops;
}

/**
 * What is left to check when blocks are connected: that no data transaction is on the branch already. `read` brings the bodies.
 * The operations move height map, transaction index and tip in one batch.
 */
export async function checkPlan(
  plan: ReorgPlan,
  index: BlockIndex,
  store: Store,
  read: (entry: IndexEntry) => Promise<Block | undefined>,
): Promise<PlanCheck> {
  const ops: StoreOp[] = [];
  for (const entry of plan.disconnect) {
    // Without the body its transactions stay in the index; whoever looks them up sees that their block is not active.
    const block = await read(entry);
    for (const transaction of block?.transactions ?? []) ops.push({ op: 'transaction', id: transactionHashHex(transaction), place: undefined });
  }
  const onBranch = new Map<HashHex, IndexEntry>();
  for (const entry of plan.connect) {
    const block = await read(entry);
    if (block === undefined) return { status: 'unreadable', entry };
    const ids = block.transactions.map(transactionHashHex);
    const error = await findDuplicate(ids.slice(1), onBranch, plan.fork, index, store);
    if (error !== undefined) return { status: 'invalid', entry, error };
    for (const id of ids) {
      onBranch.set(id, entry);
      ops.push({ op: 'transaction', id, place: { blockHash: entry.hash, height: entry.height } });
    }
  }
  ops.push(...heightOps(plan), { op: 'tip', hash: plan.newTip.hash });
  return { status: 'ok', ops };
}

async function findDuplicate(
  ids: readonly HashHex[],
  onBranch: ReadonlyMap<HashHex, IndexEntry>,
  fork: IndexEntry,
  index: BlockIndex,
  store: Store,
): Promise<RuleError | undefined> {
  if (ids.length === 0) return undefined;
  const places = await store.findTransactions(ids);
  for (const [i, id] of ids.entries()) {
    const place = places[i];
    const below = place !== undefined && place.height <= fork.height && index.getActive(place.height)?.hash === place.blockHash;
    const height = onBranch.get(id)?.height ?? (below ? place.height : undefined);
    if (height === undefined) continue;
    return new RuleError(
      'duplicate-transaction',
      'every transaction once on a branch',
      `${id} in block ${height} already`,
      `its transaction ${i + 1} is in block ${height.toLocaleString('en')} of the same branch already`,
    );
  }
  return undefined;
}
