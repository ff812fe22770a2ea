import type { HashHex } from '../../../shared/blocks.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';

/** A branch with (so far) less work than our tip that leaves our chain deep down: counted, not stored. */
export interface Presync {
  fork: BlockIndexEntry;
  last: HashHex;
  work: bigint;
  count: number;
  /** Hashes at some heights, about every 2,000: what is sent the second time must be the same branch. */
  marks: Map<number, HashHex>;
}

/** Whether these headers above a block at `height` are part of the branch that the marks are of. */
export function isMarked(marks: ReadonlyMap<number, HashHex>, height: number, hashes: readonly HashHex[]): boolean {
  let any = false;
  for (const [at, hash] of marks) {
    const own = hashes[at - height - 1];
    if (own === undefined) continue;
    if (own !== hash) return false;
    any = true;
  }
  return any;
}
