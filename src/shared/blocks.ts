/** The shapes of blocks as they cross the bridge and the HTTP API. Hashes are 64 hex digits in display (byte-reversed) order. */

/** 64 lower-case hex digits, byte-reversed as Bitcoin shows hashes: the zeros of the proof of work come first. */
export type HashHex = string;

/**
 * Where a stored block stands. `active`: on the chain with the most work. `side`: valid, but another branch has more work
 * (shown as "stale" when it once was active or competes with it). `invalid`: broke a rule when it was to be connected.
 */
export type BlockBranch = 'active' | 'side' | 'invalid';

/** How this node came by a block. */
export type BlockOriginKind = 'genesis' | 'mined' | 'peer' | 'disk';

/** A block as a tile or a table row shows it: constant size whatever the block holds. */
export interface BlockSummary {
  hash: HashHex;
  previousHash: HashHex;
  height: number;
  /** Seconds since 1970 (UTC), from the header. */
  time: number;
  /** Compact target as in the header. */
  bits: number;
  nonce: number;
  /** Total work up to and including this block, hexadecimal without prefix. */
  chainwork: string;
  branch: BlockBranch;
  /** The block's data for people: a JSON string's content, or else the JSON text; cut to SUMMARY_DATA_LIMIT characters. */
  dataPreview: string;
  dataTruncated: boolean;
  transactionCount: number;
  /** Encoded size in bytes. */
  size: number;
  minerId: string;
  minerName: string;
  /** Milliseconds since 1970 when this node stored it; 0 when unknown. */
  receivedAt: number;
  origin: BlockOriginKind;
}

export const SUMMARY_DATA_LIMIT = 200;

export interface TransactionInfo {
  id: HashHex;
  kind: 'coinbase' | 'data';
  /** The exact JSON text that the transaction carries. */
  dataText: string;
  /** Encoded size in bytes. */
  size: number;
  /** Milliseconds since 1970, given by whoever made it; absent on a coinbase. */
  time?: number;
}

export interface BlockChild {
  hash: HashHex;
  height: number;
  branch: BlockBranch;
}

/** A block with everything that the detail panel shows. */
export interface BlockDetail extends BlockSummary {
  version: number;
  merkleRoot: HashHex;
  /** The 80 bytes of the header, hexadecimal. */
  headerHex: string;
  /** The exact JSON text of the coinbase's data. */
  dataText: string;
  transactions: TransactionInfo[];
  children: BlockChild[];
  /** Blocks of the active chain on top of it, itself included; 0 when not active. */
  confirmations: number;
  /** Ratio of the network's easiest target to this block's target. */
  difficulty: number;
  /** Leading zero bits of the hash, and how many the target asks for at least. */
  zeroBits: number;
  requiredZeroBits: number;
  /** Expected number of hashes for a block of these bits. */
  expectedHashes: number;
  /** How long its way in took here, the checks and its place on disk, in ms; absent when it came before this start. */
  checkMs?: number;
  /** Hashes that this node tried for it; only for blocks that it found since it started. */
  tries?: number;
  /** Why it is invalid, when it is. */
  invalidReason?: RuleViolation;
}

/** A block as `GET /blocks` lists it: what its bytes say, and nothing of where it stands. */
export type ListedBlock = Pick<
  BlockDetail,
  'height' | 'hash' | 'previousHash' | 'time' | 'dataText' | 'nonce' | 'bits' | 'difficulty' | 'merkleRoot' | 'transactions'
>;

/** A broken rule: the code, what the rule asks for, what came. */
export interface RuleViolation {
  rule: string;
  expected: string;
  got: string;
  /** One sentence for a person: the cause, then what happens next. */
  message: string;
}

/** The stages in which a stored block is checked again: read from disk, proof of work, parent and bits, time, data. */
export type CheckStage = 'read' | 'work' | 'parent' | 'time' | 'data';

/** What checking a stored block again found. */
export interface BlockCheck {
  hash: HashHex;
  /** The checks together, without the reading, in ms. */
  ms: number;
  /** Each stage that was reached, in ms. */
  times: { [stage in CheckStage]?: number };
  /** The rule that it breaks now; absent when all is right. */
  violation?: RuleViolation;
}
