/** What a changed copy of a block does to the chain in sight: which blocks no longer follow, and which links are cut. Pure. */
import type { BlockSummary, HashHex } from '../../../shared/blocks.ts';
import type { Change } from '../../tamper/tamper-store.ts';
import { hueOf } from '../seal/seal.ts';

export type BrokenMark = 'changed' | 'loose';

export class Broken {
  readonly change: Change;
  /** Hue of the copy, in degrees. */
  readonly hue: number;
  /** Blocks beside the chain that stand above the copy. */
  readonly #side: ReadonlySet<HashHex>;

  /** @param blocks those that are known; the ones beside the chain are looked for among them. */
  constructor(blocks: Iterable<BlockSummary>, change: Change) {
    this.change = change;
    this.hue = hueOf(change.newHash);
    this.#side = sideAbove(blocks, change);
  }

  markOf({ hash, height, branch }: Pick<BlockSummary, 'hash' | 'height' | 'branch'>): BrokenMark | null {
    if (hash === this.change.hash) return 'changed';
    if (branch === 'active') return this.change.active && height > this.change.height ? 'loose' : null;
    return this.#side.has(hash) ? 'loose' : null;
  }

  /** The active block of a height of which only the seal is known. */
  markAt(height: number): BrokenMark | null {
    if (!this.change.active || height < this.change.height) return null;
    return height === this.change.height ? 'changed' : 'loose';
  }

  /** Whether the link from a block down to its parent is cut. */
  cuts({ previousHash }: Pick<BlockSummary, 'previousHash'>): boolean {
    return previousHash === this.change.hash;
  }
}

/** Each block of a branch stands on one that is lower: from the lowest upwards, one look at the parent tells. */
function sideAbove(blocks: Iterable<BlockSummary>, { hash, height, active }: Change): Set<HashHex> {
  const all = [...blocks].filter(({ branch }) => branch !== 'active');
  const side = new Set(all.map((block) => block.hash));
  const above = new Set<HashHex>();
  for (const block of all.sort((a, b) => a.height - b.height)) {
    // What stands on no block beside the chain stands on the chain.
    const onChain = active && !side.has(block.previousHash) && block.height - 1 > height;
    if (block.height > height && (block.previousHash === hash || above.has(block.previousHash) || onChain)) above.add(block.hash);
  }
  return above;
}
