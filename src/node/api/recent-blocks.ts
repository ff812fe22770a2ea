import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { RECENT_BLOCKS } from '../../shared/events.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import type { Block } from '../primitives/block.ts';
import type { LazyBlock } from '../primitives/lazy-block.ts';
import { API_LIMITS } from './limits.ts';
import { branchOf } from './summary.ts';

type RecentChain = Pick<ChainView, 'tip' | 'getActive' | 'isActive' | 'sideTips' | 'getBlock'>;

interface Recent {
  readonly entry: BlockIndexEntry;
  /** Absent once there is a summary. */
  block?: LazyBlock | undefined;
  summary?: BlockSummary;
}

/**
 * Summaries of the last blocks, so that a snapshot needs no disk: those of the active chain, and of what hangs beside it. Filled when the node
 * opens, kept up by the chain's events.
 */
export class RecentBlocks {
  readonly #chain: RecentChain;
  readonly #summarize: (entry: BlockIndexEntry, block: Block) => BlockSummary;
  readonly #blocks = new Map<HashHex, Recent>();

  constructor(chain: RecentChain, summarize: (entry: BlockIndexEntry, block: Block) => BlockSummary) {
    this.#chain = chain;
    this.#summarize = summarize;
  }

  get size(): number {
    return this.#blocks.size;
  }

  get(hash: HashHex): BlockSummary | undefined {
    const known = this.#blocks.get(hash);
    return known === undefined ? undefined : this.#now(known);
  }

  /** Remembers a block; gives its summary as it stands now. */
  add(entry: BlockIndexEntry, block: Block): BlockSummary {
    const summary = this.#summarize(entry, block);
    if (entry.height >= this.#lowest - API_LIMITS.summaryMargin) {
      this.#blocks.set(entry.hash, { entry, summary });
      this.#prune();
    }
    return summary;
  }

  /** Remembers a block as it is: most that are fetched are out of sight again before anybody asks. Large ones are not kept for that. */
  note(entry: BlockIndexEntry, block: LazyBlock): void {
    if (entry.height < this.#lowest - API_LIMITS.summaryMargin) return;
    if (block.bytes.length > API_LIMITS.undecodedBytes) {
      this.add(entry, block);
      return;
    }
    this.#blocks.set(entry.hash, { entry, block });
    this.#prune();
  }

  /** The blocks of a snapshot: ascending by height, the active one before those beside it. */
  list(): BlockSummary[] {
    const active: BlockSummary[] = [];
    const beside: BlockSummary[] = [];
    for (const known of this.#blocks.values()) {
      if (known.entry.height < this.#lowest) continue;
      const summary = this.#now(known);
      (summary.branch === 'active' ? active : beside).push(summary);
    }
    // The latest to arrive are the ones that are still interesting.
    const kept = beside.slice(-API_LIMITS.snapshotSideBlocks);
    return [...active, ...kept].sort((a, b) => a.height - b.height || rank(a) - rank(b));
  }

  /** Reads from disk what a snapshot needs and is not remembered yet; tells each block it found. */
  async fill(found: (summary: BlockSummary) => void = () => undefined): Promise<void> {
    const lowest = this.#lowest;
    const wanted: BlockIndexEntry[] = [];
    const want = (entry: BlockIndexEntry): void => {
      if (entry.hasBlock && !this.#blocks.has(entry.hash)) wanted.push(entry);
    };
    for (let height = lowest; height <= this.#chain.tip.height; height += 1) {
      const entry = this.#chain.getActive(height);
      if (entry !== undefined) want(entry);
    }
    let beside = 0;
    for (const tip of this.#chain.sideTips()) {
      for (let entry: BlockIndexEntry | undefined = tip; entry !== undefined && entry.height >= lowest && !this.#chain.isActive(entry) && beside < API_LIMITS.snapshotSideBlocks; entry = entry.parent) {
        want(entry);
        beside += 1;
      }
    }
    for (let start = 0; start < wanted.length; start += API_LIMITS.streamBatch) {
      const batch = wanted.slice(start, start + API_LIMITS.streamBatch);
      const blocks = await Promise.all(batch.map((entry) => this.#chain.getBlock(entry.hash)));
      batch.forEach((entry, index) => {
        const block = blocks[index];
        if (block !== undefined && !this.#blocks.has(entry.hash)) found(this.add(entry, block));
      });
    }
  }

  get #lowest(): number {
    return Math.max(0, this.#chain.tip.height - RECENT_BLOCKS + 1);
  }

  #now(known: Recent): BlockSummary {
    if (known.summary === undefined) {
      if (known.block === undefined) throw new Error(`nothing is remembered of ${known.entry.hash}`);
      known.summary = this.#summarize(known.entry, known.block);
      known.block = undefined;
    }
    const branch = branchOf(this.#chain, known.entry);
    return branch === known.summary.branch ? known.summary : { ...known.summary, branch };
  }

  #prune(): void {
    const most = RECENT_BLOCKS + API_LIMITS.summaryMargin + 2 * API_LIMITS.snapshotSideBlocks;
    if (this.#blocks.size <= most) return;
    const floor = this.#lowest - API_LIMITS.summaryMargin;
    for (const [hash, { entry }] of this.#blocks) if (entry.height < floor) this.#blocks.delete(hash);
    // What is left beside the chain is what too many branches made; the oldest go.
    for (const [hash, { entry }] of this.#blocks) {
      if (this.#blocks.size <= most - API_LIMITS.snapshotSideBlocks) break;
      if (!this.#chain.isActive(entry)) this.#blocks.delete(hash);
    }
  }
}

const rank = (summary: BlockSummary): number => (summary.branch === 'active' ? 0 : 1);
