/**
 * Blocks beside the chain that the window itself does not hold. Asks which branches touch the heights in sight, and walks each of them
 * back from its tip, block by block, to where it left the active chain or meets a block that is known. One request at a time; at most
 * TABLE_SIDE_BLOCKS blocks, and those in sight push out the others.
 */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import type { ForkList } from '../../shared/chain-view.ts';
import type { SideTip } from '../../shared/events.ts';
import { FORK_HEIGHTS, TABLE_SIDE_BLOCKS } from './limits.ts';

export interface BranchSource {
  forks(heights: { from: number; to: number }): Promise<ForkList>;
  getBlock(hash: HashHex): Promise<BlockSummary | null>;
}

/** What the window knows by itself. */
export interface HeldBranches {
  /** The side tips of the chain's state: those with most work. */
  readonly tips: readonly SideTip[];
  readonly blocks: ReadonlyMap<HashHex, BlockSummary>;
  /** From this height upwards the window holds every block. */
  readonly lowest: number;
  /** Differs whenever a block was stored beside the chain. */
  readonly version: string | number;
}

export class OldBranches {
  readonly #source: BranchSource;
  readonly #changed: () => void;
  readonly #found = new Map<HashHex, BlockSummary>();
  /** Blocks of each tip that was walked; in the order of the walks. */
  readonly #walked = new Map<HashHex, HashHex[]>();
  /** Tips by window: FORK_HEIGHTS heights each. */
  readonly #windows = new Map<number, readonly SideTip[]>();
  #held: HeldBranches = { tips: [], blocks: new Map(), lowest: 0, version: '' };
  #sight = { first: 0, last: -1 };
  #busy = false;
  /** Somebody wished something while a request was under way. */
  #again = false;
  #epoch = 0;
  #closed = false;

  constructor(source: BranchSource, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
  }

  /** Side blocks found so far. One may have joined the active chain since: the caller knows better where it holds it. */
  get blocks(): ReadonlyMap<HashHex, BlockSummary> {
    return this.#found;
  }

  /** Takes what the window knows; resolves when there is nothing left to look for. */
  look(held: HeldBranches): Promise<void> {
    if (held.version !== this.#held.version) this.#windows.clear();
    this.#held = held;
    // What the window held when its branch was walked, and let go of since, is looked for again.
    if (this.#found.size < TABLE_SIDE_BLOCKS) {
      for (const tip of this.#walked.keys()) if (!this.#found.has(tip) && !held.blocks.has(tip)) this.#walked.delete(tip);
    }
    return this.#work();
  }

  /** Says which heights are in sight; resolves when their branches are known. */
  want(first: number, last: number): Promise<void> {
    this.#sight = { first: Math.max(0, first), last };
    return this.#work();
  }

  /** A reorg changes which blocks are beside the chain: everything is found anew. */
  forget(): void {
    this.#epoch += 1;
    this.#found.clear();
    this.#walked.clear();
    this.#windows.clear();
  }

  /** Undoes `close`. */
  open(): void {
    this.#closed = false;
  }

  close(): void {
    this.#closed = true;
  }

  async #work(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (!this.#closed && this.#again) {
        this.#again = false;
        if (await this.#step()) this.#again = true;
      }
    } catch {
      // The branches of old heights are a service: without an answer they are missing, and the next look asks again.
    } finally {
      this.#busy = false;
    }
  }

  /** The most urgent thing; false when nothing is left. */
  async #step(): Promise<boolean> {
    const window = this.#windowsInSight().find((number) => !this.#windows.has(number));
    if (window !== undefined) {
      const epoch = this.#epoch;
      const { version } = this.#held;
      const { forks } = await this.#source.forks({ from: window * FORK_HEIGHTS, to: (window + 1) * FORK_HEIGHTS - 1 });
      if (epoch === this.#epoch && version === this.#held.version) this.#windows.set(window, forks);
      return true;
    }
    const inSight = this.#tipsInSight();
    const next = inSight.find((tip) => !this.#walked.has(tip.hash));
    if (next !== undefined) {
      this.#makeRoom(new Set(inSight.map(({ hash }) => hash)));
      await this.#walk(next);
      return true;
    }
    const other = this.#found.size < TABLE_SIDE_BLOCKS ? this.#held.tips.find((tip) => !this.#walked.has(tip.hash)) : undefined;
    if (other === undefined) return false;
    await this.#walk(other);
    return true;
  }

  /** Windows that reach below what the window holds by itself. */
  #windowsInSight(): number[] {
    const { first, last } = this.#sight;
    const windows: number[] = [];
    for (let number = Math.floor(first / FORK_HEIGHTS); number * FORK_HEIGHTS <= Math.min(last, this.#held.lowest - 1); number += 1) windows.push(number);
    return windows;
  }

  #tipsInSight(): SideTip[] {
    const { first, last } = this.#sight;
    const tips = new Map<HashHex, SideTip>();
    for (const number of this.#windowsInSight()) {
      for (const tip of this.#windows.get(number) ?? []) if (tip.forkHeight <= last && tip.height >= first) tips.set(tip.hash, tip);
    }
    return [...tips.values()];
  }

  /** Lets go of the branches walked longest ago that are not in sight, until there is room for more. */
  #makeRoom(keep: ReadonlySet<HashHex>): void {
    for (const [tip, hashes] of this.#walked) {
      if (this.#found.size < TABLE_SIDE_BLOCKS) return;
      if (keep.has(tip)) continue;
      for (const hash of hashes) this.#found.delete(hash);
      this.#walked.delete(tip);
    }
  }

  async #walk(tip: SideTip): Promise<void> {
    const epoch = this.#epoch;
    const hashes: HashHex[] = [];
    let hash = this.#lowestHeld(tip);
    while (hash !== null && !this.#closed && this.#found.size < TABLE_SIDE_BLOCKS && !this.#found.has(hash)) {
      const block = await this.#source.getBlock(hash);
      if (epoch !== this.#epoch) return;
      if (block === null || block.height <= tip.forkHeight) break;
      this.#found.set(hash, block);
      hashes.push(hash);
      hash = block.previousHash;
    }
    this.#walked.set(tip.hash, hashes);
    if (hashes.length > 0 && !this.#closed) this.#changed();
  }

  /** The next hash to ask for: below what the window holds of this branch; null when it holds all of it. */
  #lowestHeld(tip: SideTip): HashHex | null {
    const { blocks } = this.#held;
    let hash = tip.hash;
    for (let block = blocks.get(hash); block !== undefined; block = blocks.get(hash)) {
      if (block.height <= tip.forkHeight + 1) return null;
      hash = block.previousHash;
    }
    return hash;
  }
}
