/**
 * The active chain by height, fetched in pages as the table looks at it. Holds at most TABLE_PAGES pages and asks for at most
 * TABLE_REQUESTS at once, the ones in sight first.
 */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { TABLE_PAGE, TABLE_PAGES, TABLE_REQUESTS } from './limits.ts';

export interface PageSource {
  getBlocks(range: { from: number; limit: number }): Promise<BlockSummary[]>;
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

  /** Takes in one block of the active chain that came another way. The rest of its page is still missing. */
  take(block: BlockSummary): void {
    const number = Math.floor(block.height / TABLE_PAGE);
    const page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, { blocks: new Map([[block.height, block]]), seen: this.#looks });
    else page.blocks.set(block.height, block);
    this.#heights.set(block.hash, block.height);
    this.#evict();
    this.#changed();
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
