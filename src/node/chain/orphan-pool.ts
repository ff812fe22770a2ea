import type { HashHex } from '../../shared/blocks.ts';
import type { Block } from '../primitives/block.ts';
import { MAX_ORPHANS } from './limits.ts';
import type { BlockOrigin } from './types.ts';

export interface Orphan {
  readonly hash: HashHex;
  readonly parent: HashHex;
  readonly block: Block;
  readonly bytes: Uint8Array;
  readonly origin: BlockOrigin;
}

/** Blocks that wait for their parent: the oldest leaves when there are too many. */
export class OrphanPool {
  readonly #orphans = new Map<HashHex, Orphan>();
  readonly #limit: number;

  constructor(limit: number = MAX_ORPHANS) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#orphans.size;
  }

  has(hash: HashHex): boolean {
    return this.#orphans.has(hash);
  }

  add(orphan: Orphan): void {
    if (this.#orphans.has(orphan.hash)) return;
    this.#orphans.set(orphan.hash, orphan);
    if (this.#orphans.size <= this.#limit) return;
    const oldest = this.#orphans.keys().next();
    if (oldest.done !== true) this.#orphans.delete(oldest.value);
  }

  delete(hash: HashHex): void {
    this.#orphans.delete(hash);
  }

  /** Removes and returns those that wait for this parent, oldest first. */
  takeChildrenOf(parent: HashHex): Orphan[] {
    const children = [...this.#orphans.values()].filter((orphan) => orphan.parent === parent);
    for (const child of children) this.#orphans.delete(child.hash);
    return children;
  }

  /** Where the orphans below this hash end: the block to ask for. */
  missingBelow(hash: HashHex): HashHex {
    let missing = hash;
    for (let orphan = this.#orphans.get(missing); orphan !== undefined; orphan = this.#orphans.get(missing)) missing = orphan.parent;
    return missing;
  }
}
