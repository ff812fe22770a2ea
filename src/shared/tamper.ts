import type { BlockBranch, HashHex, RuleViolation } from './blocks.ts';

export interface TamperRequest {
  /** A stored block of any branch by hash, or of the active chain by height. */
  block: HashHex | number;
  /** The JSON text that the copy's coinbase carries in place of its own. */
  dataText: string;
}

/**
 * What a changed copy is looked at as, in the order in which a forger meets it. `old-header`: the new data under the header as it was. `copy`: the header
 * names the new data, so it has another hash. `child`: the block that stands on the original, after the copy took its place.
 */
export type TamperStep = 'old-header' | 'copy' | 'child';

/** A rule of consensus that is broken when a changed copy takes the place of a block. */
export interface TamperFault {
  step: TamperStep;
  /** The height of the block that breaks it. */
  height: number;
  violation: RuleViolation;
}

/** What would have to be tried to make everything fit again, on average. */
export interface TamperCost {
  /** Hashes for the changed block itself: 0 when it needs no new nonce, by luck or because nothing changed. */
  hashes: number;
  /** Hashes for all blocks above it, each of which must name the new one below. */
  hashesAbove: number;
  /** Hashes a second of this node: now, or when it mined last. Absent when no job since the start has lasted until the rate is first taken (250 ms). */
  hashRate?: number;
}

/** What changing the data of a stored block would do. The node works it out on a copy; nothing is stored and nothing is sent. */
export interface TamperReport {
  hash: HashHex;
  height: number;
  branch: BlockBranch;
  /** False when the copy is the block itself. */
  changed: boolean;
  /** Hash of the copy's header, with the same time, bits and nonce. */
  newHash: HashHex;
  merkleRoot: HashHex;
  newMerkleRoot: HashHex;
  /** Ids of the coinbase, whose data was changed. */
  coinbaseId: HashHex;
  newCoinbaseId: HashHex;
  /** Leading zero bits of the new hash, and how many the target asks for at least. */
  zeroBits: number;
  requiredZeroBits: number;
  /** Broken rules in the order in which they are met; empty when nothing changed. Another first block breaks none by itself: it is another network. */
  faults: TamperFault[];
  /** Blocks above it on its branch, which no longer follow; of a stale one: on the branch through it with the most work. */
  blocksAbove: number;
  cost: TamperCost;
}
