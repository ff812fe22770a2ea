/**
 * Fills the columns from the node and keeps them true: what is near the camera at once, the rest when the window is idle, never
 * more than one request under way. What the window holds of the chain itself is the measure: blocks that arrive are added from it, and
 * what does not fit to it is forgotten.
 */
import type { BlockSummary, HashHex } from '../../../shared/blocks.ts';
import type { ChainIndexPage } from '../../../shared/chain-view.ts';
import type { ChainColumns } from './columns.ts';

export interface IndexSource {
  chainIndex(range: { from: number; limit: number }): Promise<ChainIndexPage>;
}

export interface FillerEnvironment {
  /** Calls back once when there is nothing more urgent to do. Returns what takes the wish back. */
  readonly whenIdle: (callback: () => void) => () => void;
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** The chain as the window holds it. */
export interface HeldChain {
  readonly tip: { readonly hash: HashHex; readonly height: number };
  readonly blocks: ReadonlyMap<HashHex, BlockSummary>;
  /** Hashes of the active chain in `blocks`, ascending, without a gap up to the tip. */
  readonly active: readonly HashHex[];
}

/** Pause before a page that could not be had is asked for again, in ms. */
const RETRY_MS = 2000;

export class IndexFiller {
  readonly #columns: ChainColumns;
  readonly #source: IndexSource;
  readonly #environment: FillerEnvironment;
  readonly #changed: (from: number, to: number) => void;
  #chain: HeldChain | null = null;
  #first = 0;
  #last = -1;
  #near: number | null = null;
  #pending = false;
  /** A height whose block may be of a branch that was left while nobody told. */
  #doubt: number | null = null;
  /** Raised whenever something is forgotten: an answer that was asked for before it is dropped. */
  #epoch = 0;
  #closed = true;
  #cancel: (() => void) | null = null;

  /** @param changed called with the heights (both included) that have come to be known, or are no longer. */
  constructor(columns: ChainColumns, source: IndexSource, environment: FillerEnvironment, changed: (from: number, to: number) => void) {
    this.#columns = columns;
    this.#source = source;
    this.#environment = environment;
    this.#changed = changed;
  }

  open(): void {
    this.#closed = false;
    this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#epoch += 1;
    this.#wait(null);
  }

  /** Says which heights are in sight. */
  want(first: number, last: number): void {
    this.#first = Math.max(0, first);
    this.#last = last;
    this.#near = Math.floor((first + last) / 2);
    this.#next();
  }

  /** The blocks above `forkHeight` left the chain. `follow` comes after it. */
  reorganised(forkHeight: number): void {
    this.#forget(forkHeight + 1);
  }

  /** Takes over what the window holds now. */
  follow(chain: HeldChain): void {
    const grown = this.#chain?.tip.hash !== chain.tip.hash;
    this.#chain = chain;
    if (grown) this.#reconcile(chain);
    this.#next();
  }

  /**
   * Writes the held blocks from the tip downwards until one is known already: each names its parent, so everything below is the same
   * chain as well. Where the held blocks end without that, the block below their lowest decides.
   */
  #reconcile({ tip, blocks, active }: HeldChain): void {
    const columns = this.#columns;
    if (columns.highestBelow(Infinity) > tip.height) this.#forget(tip.height + 1);
    let foot: BlockSummary | undefined;
    for (let i = active.length - 1; i >= 0; i -= 1) {
      const block = blocks.get(active[i] ?? '');
      if (block === undefined) return;
      if (columns.matches(block.height, block.hash)) return;
      if (columns.has(block.height)) this.#epoch += 1;
      columns.set(block.height, block.hash, block.time);
      foot = block;
    }
    if (foot === undefined || foot.height === 0) return;
    const below = columns.highestBelow(foot.height);
    if (below === foot.height - 1) {
      if (!columns.matches(below, foot.previousHash)) this.#startAnew();
    } else if (below >= 0) this.#doubt = below;
  }

  #forget(from: number): void {
    this.#epoch += 1;
    this.#columns.truncate(from);
    if (this.#doubt !== null && this.#doubt >= from) this.#doubt = null;
    this.#changed(from, Infinity);
  }

  /** A branch was left deeper than the window looks. */
  #startAnew(): void {
    this.#forget(0);
    if (this.#chain !== null) this.#reconcile(this.#chain);
  }

  #wait(cancel: (() => void) | null): void {
    this.#cancel?.();
    this.#cancel = cancel;
  }

  #next(): void {
    const chain = this.#chain;
    if (this.#closed || this.#pending || chain === null) return;
    if (this.#doubt !== null) {
      this.#ask(this.#doubt, 1);
      return;
    }
    const length = chain.tip.height + 1;
    const urgent = this.#urgent(length);
    if (urgent !== null) {
      this.#ask(urgent.from, urgent.limit);
      return;
    }
    const missing = this.#columns.missing(length, this.#near ?? chain.tip.height);
    if (missing === null) this.#wait(null);
    else if (this.#cancel === null) {
      this.#wait(
        this.#environment.whenIdle(() => {
          this.#cancel = null;
          const rest = this.#columns.missing((this.#chain?.tip.height ?? -1) + 1, this.#near ?? Infinity);
          if (rest !== null && !this.#closed && !this.#pending) this.#ask(rest.from, rest.limit);
        }),
      );
    }
  }

  /** The chunk's missing run that holds the first unknown height in sight. */
  #urgent(length: number): { from: number; limit: number } | null {
    for (let height = this.#first; height <= Math.min(this.#last, length - 1); height += 1) {
      if (!this.#columns.has(height)) return this.#columns.missing(length, height);
    }
    return null;
  }

  #ask(from: number, limit: number): void {
    this.#wait(null);
    void this.#fetch(from, limit);
  }

  async #fetch(from: number, limit: number): Promise<void> {
    const epoch = this.#epoch;
    this.#pending = true;
    let failed = false;
    try {
      const page = await this.#source.chainIndex({ from, limit });
      if (epoch === this.#epoch && !this.#closed) failed = !this.#take(page);
    } catch {
      failed = true;
    }
    this.#pending = false;
    if (this.#closed) return;
    if (failed) this.#wait(this.#environment.after(RETRY_MS, () => this.#retry()));
    else this.#next();
  }

  #retry(): void {
    this.#cancel = null;
    this.#next();
  }

  /** False when the page is of another chain than the window's; it is asked for again. */
  #take(page: ChainIndexPage): boolean {
    const chain = this.#chain;
    if (chain === null) return false;
    // A tip that the window has not heard of yet is ahead of it; one that it has left is behind.
    const isHeld = chain.blocks.get(page.tip.hash)?.branch === 'active';
    if (!isHeld && page.tip.height <= chain.tip.height) return false;
    if (this.#doubt !== null) {
      const isRight = page.count > 0 && page.from === this.#doubt && this.#columns.matches(page.from, page.hashes);
      this.#doubt = null;
      if (!isRight) this.#startAnew();
      return true;
    }
    const count = Math.min(page.count, chain.tip.height + 1 - page.from);
    if (count <= 0 || !this.#columns.take(page.from, page.hashes, page.times.slice(0, count))) return false;
    this.#changed(page.from, page.from + count - 1);
    return true;
  }
}
