import type { HashHex } from './blocks.ts';
import type { SideTip } from './events.ts';

/** Limits of what the chain view asks for at once. */
export const CHAIN_VIEW_LIMITS = {
  /** Parts of one overview: more than a screen has columns for. */
  buckets: 2_000,
  /** Blocks of one index answer: about 700 kB. */
  indexBlocks: 10_000,
  /** Side branches of one answer, those that leave the chain last. */
  forks: 1_000,
} as const;

/** A run of heights of the active chain. */
export interface OverviewBucket {
  /** First and last height, both in it. */
  from: number;
  to: number;
  /** Between a block and the one below it, seconds; by the times in the headers, so it may be negative. 0 for the genesis block alone. */
  meanSeconds: number;
  /** 0 or more. */
  longestGapSeconds: number;
  /** Side branches that leave the active chain in it. Two tips on one first block are one branch. */
  forks: number;
}

/** The whole active chain in a few numbers. */
export interface ChainOverview {
  /** The chain that it is true for. */
  tip: { hash: HashHex; height: number };
  /** Ascending, without gaps, all equally long but the last. */
  buckets: OverviewBucket[];
  /** Of the active chain, the genesis block included. */
  blocks: number;
  /** Side branches of all buckets. */
  forks: number;
}

/** A stretch of the active chain in columns, ascending from height `from`. */
export interface ChainIndexPage {
  /** The chain that it is true for: pages with another tip may be of another branch. */
  tip: { hash: HashHex; height: number };
  from: number;
  count: number;
  /** 64 hex digits a block, one after the other. */
  hashes: string;
  /** Seconds since 1970. */
  times: number[];
  /** Compact targets. */
  bits: number[];
}

export interface ForkList {
  /** Side branches that touch the heights asked for, lowest fork first. */
  forks: SideTip[];
  /** There are more than CHAIN_VIEW_LIMITS.forks; ask for fewer heights. */
  more: boolean;
}
