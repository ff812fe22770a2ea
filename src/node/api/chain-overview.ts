import { CHAIN_VIEW_LIMITS, type ChainIndexPage, type ChainOverview, type ForkList, type OverviewBucket } from '../../shared/chain-view.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { API_LIMITS } from './limits.ts';
import { sideTip } from './summary.ts';

type OverviewChain = Pick<ChainView, 'tip' | 'activeLine' | 'activeTime' | 'getAncestor' | 'sideTips' | 'forkOf'>;

/**
 * The chain as a whole, from the index in memory: no body is read. The longest gaps are remembered for runs of heights (cells), so that
 * an overview of a long chain looks at a few thousand numbers; a new tip only adds to the last of them.
 */
export class ChainOverviews {
  readonly #chain: OverviewChain;
  /** Longest gap in each cell, seconds. */
  #cells: number[] = [];
  /** Heights below this one are in the cells. */
  #covered = 0;
  #forkHeights: { version: number; heights: number[] } | undefined;
  #last: { version: number; wanted: number; overview: ChainOverview } | undefined;
  /** Counts the changes of the chain. */
  #version = 0;
  /** The tip of the chain that the cells are of. */
  #seen: BlockIndexEntry;

  constructor(chain: OverviewChain) {
    this.#chain = chain;
    this.#seen = chain.tip;
  }

  /** Call when something beside the active chain changed. A new tip is noticed without being told. */
  sidesChanged(): void {
    this.#version += 1;
  }

  /** Drops what a reorg made wrong. */
  #follow(): void {
    const { tip } = this.#chain;
    if (tip === this.#seen) return;
    this.#version += 1;
    const fork = this.#chain.forkOf(this.#seen).height;
    this.#seen = tip;
    if (fork + 1 >= this.#covered) return;
    // A cell that was cut is counted again from its beginning.
    const whole = Math.floor((fork + 1) / API_LIMITS.overviewCell);
    this.#cells.length = whole;
    this.#covered = whole * API_LIMITS.overviewCell;
  }

  /** At most `wanted` buckets. */
  async overview(wanted: number): Promise<ChainOverview> {
    await this.#cover();
    const version = this.#version;
    if (this.#last?.version === version && this.#last.wanted === wanted) return this.#last.overview;
    const { tip } = this.#chain;
    const blocks = tip.height + 1;
    const size = bucketSize(blocks, wanted);
    const buckets: OverviewBucket[] = [];
    for (let from = 0; from < blocks; from += size) buckets.push(this.#bucket(from, Math.min(from + size, blocks) - 1));
    const forks = this.#forks();
    for (const height of forks) {
      const bucket = buckets[Math.floor(height / size)];
      if (bucket !== undefined) bucket.forks += 1;
    }
    const overview: ChainOverview = { tip: { hash: tip.hash, height: tip.height }, buckets, blocks, forks: forks.length };
    this.#last = { version, wanted, overview };
    return overview;
  }

  index(from: number, limit: number): ChainIndexPage {
    const { tip } = this.#chain;
    const page: ChainIndexPage = { tip: { hash: tip.hash, height: tip.height }, from, count: 0, hashes: '', times: [], bits: [] };
    const hashes: string[] = [];
    const end = Math.min(tip.height + 1, from + Math.min(limit, CHAIN_VIEW_LIMITS.indexBlocks));
    for (let height = from; height < end; height += 1) {
      // No entries: the window asks for all of a long chain, and each would stay in memory until the garbage collector comes.
      const line = this.#chain.activeLine(height);
      if (line === undefined) throw new Error(`there is no active block ${height}`);
      hashes.push(line.hash);
      page.times.push(line.time);
      page.bits.push(line.bits);
    }
    return { ...page, count: hashes.length, hashes: hashes.join('') };
  }

  /** Side branches that have a block, or their fork, at `from` to `to`. */
  forks(from: number, to: number): ForkList {
    const touching: { tip: BlockIndexEntry; fork: number }[] = [];
    for (const tip of this.#chain.sideTips()) {
      if (tip.height < from) continue;
      const fork = this.#chain.forkOf(tip).height;
      if (fork <= to) touching.push({ tip, fork });
    }
    // When there are too many, those that left last are the ones that are still interesting.
    touching.sort((a, b) => a.fork - b.fork || a.tip.height - b.tip.height);
    const kept = touching.slice(-CHAIN_VIEW_LIMITS.forks);
    return { forks: kept.map(({ tip, fork }) => sideTip(tip, fork)), more: kept.length < touching.length };
  }

  /** Brings the cells up to the tip; between two parts the event loop turns, and the chain may change. */
  async #cover(): Promise<void> {
    this.#follow();
    while (this.#covered <= this.#chain.tip.height) {
      const cell = Math.floor(this.#covered / API_LIMITS.overviewCell);
      const end = Math.min(this.#chain.tip.height + 1, this.#covered + API_LIMITS.overviewHeightsPerTurn);
      let longest = this.#cells[cell] ?? 0;
      let below = this.#covered === 0 ? this.#time(0) : this.#time(this.#covered - 1);
      for (let height = this.#covered; height < end; height += 1) {
        if (height % API_LIMITS.overviewCell === 0) longest = 0;
        const time = this.#time(height);
        longest = Math.max(longest, time - below);
        below = time;
        this.#cells[Math.floor(height / API_LIMITS.overviewCell)] = longest;
      }
      this.#covered = end;
      if (end <= this.#chain.tip.height) await new Promise(setImmediate);
      this.#follow();
    }
  }

  #bucket(from: number, to: number): OverviewBucket {
    const below = Math.max(0, from - 1);
    const gaps = to - below;
    const cell = API_LIMITS.overviewCell;
    let longest = 0;
    let height = from;
    while (height <= to) {
      const wholeCell = height % cell === 0 && (height + cell - 1 <= to || to === this.#chain.tip.height);
      if (wholeCell) {
        longest = Math.max(longest, this.#cells[height / cell] ?? 0);
        height += cell;
      } else {
        if (height > 0) longest = Math.max(longest, this.#time(height) - this.#time(height - 1));
        height += 1;
      }
    }
    const meanSeconds = gaps === 0 ? 0 : (this.#time(to) - this.#time(below)) / gaps;
    return { from, to, meanSeconds, longestGapSeconds: longest, forks: 0 };
  }

  /** The height at which each side branch leaves the active chain. */
  #forks(): number[] {
    if (this.#forkHeights?.version === this.#version) return this.#forkHeights.heights;
    const starts = new Map<string, number>();
    for (const tip of this.#chain.sideTips()) {
      const { height } = this.#chain.forkOf(tip);
      const start = this.#chain.getAncestor(tip, height + 1);
      if (start !== undefined) starts.set(start.hash, height);
    }
    const heights = [...starts.values()];
    this.#forkHeights = { version: this.#version, heights };
    return heights;
  }

  #time(height: number): number {
    const time = this.#chain.activeTime(height);
    if (time === undefined) throw new Error(`there is no active block ${height}`);
    return time;
  }
}

/** Heights of one bucket, so that `wanted` are enough; of a long chain whole cells. */
function bucketSize(blocks: number, wanted: number): number {
  const size = Math.max(1, Math.ceil(blocks / wanted));
  const cell = API_LIMITS.overviewCell;
  return size < cell ? size : Math.ceil(size / cell) * cell;
}
