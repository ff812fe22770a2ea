/**
 * The active chain by height, fetched in pages as the table looks at it. Holds at most TABLE_PAGES pages and asks for at most
 * TABLE_REQUESTS at once, the ones in sight first.
 */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import type { SideTip } from '../../shared/events.ts';
import { TABLE_PAGE, TABLE_PAGES, TABLE_REQUESTS, TABLE_SIDE_BLOCKS } from './limits.ts';

export interface PageSource {
  getBlocks(range: { from: number; limit: number }): Promise<BlockSummary[]>;
  getBlock(hash: HashHex): Promise<BlockSummary | null>;
}

/** Pause before a page that could not be had is asked for again, in ms. */
const RETRY_MS = 2000;

interface Page {
  blocks: Map<number, BlockSummary>;
  /** Counts looks at any page: the page with the lowest was looked at longest ago. */
  seen: number;
}

export class ChainPages {
  readonly #source: PageSource;
  readonly #changed: () => void;
  readonly #pages = new Map<number, Page>();
  /** Height of every block that is held. */
  readonly #heights = new Map<HashHex, number>();
  readonly #pending = new Set<number>();
  #wanted: number[] = [];
  #looks = 0;
  /** Raised by each reorg: an answer that was asked for before it is dropped. */
  #epoch = 0;
  #failed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param changed called when a page has come or one could not be had. */
  constructor(source: PageSource, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
  }

  get pageCount(): number {
    return this.#pages.size;
  }

  /** True while the last request failed; the next is on its way. */
  get failed(): boolean {
    return this.#failed;
  }

  at(height: number): BlockSummary | undefined {
    return this.#pages.get(Math.floor(height / TABLE_PAGE))?.blocks.get(height);
  }

  find(hash: HashHex): BlockSummary | undefined {
    const height = this.#heights.get(hash);
    return height === undefined ? undefined : this.at(height);
  }

  /** Says which heights are in sight; fetches those that are missing, and forgets earlier wishes. */
  want(heights: Iterable<number>): void {
    this.#looks += 1;
    const wanted = new Set<number>();
    for (const height of heights) {
      const number = Math.floor(height / TABLE_PAGE);
      const page = this.#pages.get(number);
      if (page !== undefined) page.seen = this.#looks;
      if (page?.blocks.has(height) !== true) wanted.add(number);
    }
    this.#wanted = [...wanted];
    this.#fetchNext();
  }

  /** Forgets every page that reaches above `height`: those blocks may have left the active chain. */
  forgetAbove(height: number): void {
    this.#epoch += 1;
    this.#pending.clear();
    for (const number of this.#pages.keys()) if ((number + 1) * TABLE_PAGE > height) this.#drop(number);
  }

  /** Undoes `close`. */
  open(): void {
    this.#closed = false;
  }

  /** Answers that come later are dropped, nothing is asked for. */
  close(): void {
    this.#closed = true;
    this.#epoch += 1;
    this.#pending.clear();
    if (this.#retry !== undefined) clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #fetchNext(): void {
    for (const number of this.#wanted) {
      if (this.#closed || this.#retry !== undefined || this.#pending.size >= TABLE_REQUESTS) return;
      if (!this.#pending.has(number)) void this.#fetch(number);
    }
  }

  async #fetch(number: number): Promise<void> {
    const epoch = this.#epoch;
    this.#pending.add(number);
    try {
      const blocks = await this.#source.getBlocks({ from: number * TABLE_PAGE, limit: TABLE_PAGE });
      if (epoch !== this.#epoch || this.#closed) return;
      this.#failed = false;
      this.#drop(number);
      this.#pages.set(number, { blocks: new Map(blocks.map((block) => [block.height, block])), seen: this.#looks });
      for (const block of blocks) this.#heights.set(block.hash, block.height);
      this.#evict();
    } catch {
      if (this.#closed || epoch !== this.#epoch) return;
      this.#failed = true;
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#fetchNext();
      }, RETRY_MS);
    } finally {
      if (epoch === this.#epoch) this.#pending.delete(number);
    }
    this.#wanted = this.#wanted.filter((wish) => wish !== number || this.#failed);
    this.#changed();
    this.#fetchNext();
  }

  #evict(): void {
    while (this.#pages.size > TABLE_PAGES) {
      let oldest: number | undefined;
      let seen = Infinity;
      for (const [number, page] of this.#pages) {
        if (page.seen < seen) {
          oldest = number;
          seen = page.seen;
        }
      }
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
  }

  #drop(number: number): void {
    for (const block of this.#pages.get(number)?.blocks.values() ?? []) this.#heights.delete(block.hash);
    this.#pages.delete(number);
  }
}

/**
 * Side blocks that are older than the window's: walked back from each side tip, block by block, to where the branch left the active
 * chain or meets a block known already. At most TABLE_SIDE_BLOCKS of them.
 */
export class OldBranches {
  readonly #source: PageSource;
  readonly #changed: () => void;
  readonly #found = new Map<HashHex, BlockSummary>();
  readonly #walked = new Set<HashHex>();
  #walks = 0;
  #closed = false;

  constructor(source: PageSource, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
  }

  /** Side blocks found so far. One may have joined the active chain since: the caller knows better where it holds it. */
  get blocks(): ReadonlyMap<HashHex, BlockSummary> {
    return this.#found;
  }

  /** Starts a walk from each tip that is neither held by the window nor walked before. */
  async look(tips: readonly SideTip[], held: ReadonlyMap<HashHex, BlockSummary>): Promise<void> {
    if (this.#walks > 0) return;
    this.#walks += 1;
    try {
      for (const tip of tips) {
        if (this.#walked.has(tip.hash)) continue;
        const lowest = this.#lowestHeld(tip, held);
        if (lowest !== null) await this.#walk(lowest, tip);
        this.#walked.add(tip.hash);
      }
    } catch {
      // The rows of old branches are a service: without an answer they are missing, and the next look asks again.
    } finally {
      this.#walks -= 1;
    }
  }

  /** A reorg changes which blocks are beside the chain: everything is found anew. */
  forget(): void {
    this.#found.clear();
    this.#walked.clear();
  }

  /** Undoes `close`. */
  open(): void {
    this.#closed = false;
  }

  close(): void {
    this.#closed = true;
  }

  /** The next hash to ask for: below what the window holds of this branch; null when it holds all of it. */
  #lowestHeld(tip: SideTip, held: ReadonlyMap<HashHex, BlockSummary>): HashHex | null {
    let hash = tip.hash;
    for (let block = held.get(hash); block !== undefined; block = held.get(hash)) {
      if (block.height <= tip.forkHeight + 1) return null;
      hash = block.previousHash;
    }
    return hash;
  }

  async #walk(from: HashHex, tip: SideTip): Promise<void> {
    let hash = from;
    let changed = false;
    while (!this.#closed && this.#found.size < TABLE_SIDE_BLOCKS && !this.#found.has(hash)) {
      const block = await this.#source.getBlock(hash);
      if (block === null || block.height <= tip.forkHeight) break;
      this.#found.set(hash, block);
      changed = true;
      hash = block.previousHash;
    }
    if (changed && !this.#closed) this.#changed();
  }
}
