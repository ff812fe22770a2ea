import type { BlockIndexEntry, ChainView } from '../../chain/types.ts';
import type { Peer } from '../peer.ts';

/** The blocks that lead from what is stored to one header: what has to be fetched, in order. */
export class Branch {
  readonly target: BlockIndexEntry;
  /** Ascending by height, each the parent of the next; the parent of the first is stored. */
  readonly path: readonly BlockIndexEntry[];
  /** Index of the first that is not stored. */
  next = 0;
  /** Everything below this index is stored, under way or waiting for its turn. */
  cursor = 0;
  readonly #tops = new Map<Peer, { known: BlockIndexEntry; top: number }>();

  constructor(target: BlockIndexEntry, path: readonly BlockIndexEntry[]) {
    this.target = target;
    this.path = path;
  }

  /** Blocks that are not stored. */
  get remaining(): number {
    return this.path.length - this.next;
  }

  /** Skips what has been stored. */
  advance(): void {
    while (this.next < this.path.length && this.path[this.next]?.hasBlock === true) this.next += 1;
    if (this.cursor < this.next) this.cursor = this.next;
  }

  /** Highest index of the path that the peer has, or -1. */
  topOf(peer: Peer, chain: Pick<ChainView, 'getAncestor'>): number {
    const { known } = peer;
    if (known === undefined) return -1;
    const cached = this.#tops.get(peer);
    if (cached?.known === known) return cached.top;
    const top = this.#search(known, chain);
    this.#tops.set(peer, { known, top });
    return top;
  }

  forget(peer: Peer): void {
    this.#tops.delete(peer);
  }

  #search(known: BlockIndexEntry, chain: Pick<ChainView, 'getAncestor'>): number {
    const base = this.path[0]?.height ?? 0;
    const has = (index: number): boolean => {
      const entry = this.path[index];
      return entry !== undefined && chain.getAncestor(known, entry.height) === entry;
    };
    let high = Math.min(known.height, this.target.height) - base;
    if (high < 0) return -1;
    if (has(high)) return high;
    let low = -1;
    while (low < high - 1) {
      const middle = (low + high) >> 1;
      if (has(middle)) low = middle;
      else high = middle;
    }
    return low;
  }
}

/**
 * The branch from the active chain to `target`, continuing `old` when it leads there. Bodies on the way may be stored already:
 * they can come in any order. With `maxBlocks`, undefined when it is longer than that.
 */
export function branchTo(
  target: BlockIndexEntry,
  chain: Pick<ChainView, 'isActive'>,
  old: Branch | undefined,
  maxBlocks = Infinity,
): Branch | undefined {
  const above: BlockIndexEntry[] = [];
  for (let entry: BlockIndexEntry | undefined = target; entry !== undefined && !chain.isActive(entry); entry = entry.parent) {
    if (old !== undefined && entry === old.target) {
      old.advance();
      return new Branch(target, [...old.path.slice(old.next), ...above.reverse()]);
    }
    above.push(entry);
    if (above.length > maxBlocks) return undefined;
  }
  return new Branch(target, above.reverse());
}
