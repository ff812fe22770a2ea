import type { BlockOriginKind, HashHex, RuleViolation } from '../../shared/blocks.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { QuickBlock } from '../consensus/quick-check.ts';
import type { Block } from '../primitives/block.ts';
import type { BlockHeader } from '../primitives/header.ts';

/**
 * What this node knows about one header. Entries form a tree through `parent`. Immutable but for the fields marked "changes".
 * An entry exists as soon as its header is accepted; `hasBlock` says whether the body is stored. There is one entry of a block at a
 * time as long as anybody holds it: `===` says whether two are the same. The header itself: `ChainView.headerOf` and `readHeaders`.
 */
export interface BlockIndexEntry {
  readonly hash: HashHex;
  readonly parent: BlockIndexEntry | undefined;
  readonly height: number;
  /** The header's: seconds since 1970, and compact target. */
  readonly time: number;
  readonly bits: number;
  /** Expected hashes up to and including this block. */
  readonly chainwork: bigint;
  /** Order in which bodies were stored: the smaller one wins a tie of chainwork ("first seen"). 0 while there is no body. Changes. */
  readonly sequence: number;
  /** Body stored on disk. Changes. */
  readonly hasBlock: boolean;
  /** This block, or one below it, broke a rule when it was to be connected. Changes. */
  readonly invalid: boolean;
  /** Encoded size and transaction count of the body; 0 until stored. Change. */
  readonly size: number;
  readonly transactionCount: number;
  /** Milliseconds since 1970 when the body was stored. Changes. */
  readonly receivedAt: number;
  /** Height and parent time of the ASERT anchor in force for this block's children (see docs/consensus.md). */
  readonly anchorHeight: number;
  readonly anchorParentTime: number;
  /** How the body came here; survives a restart. 'disk' while there is none. Changes. */
  readonly origin?: BlockOriginKind;
  /** How long the checks took, in ms; absent when they ran before this start. Changes. */
  readonly checkMs?: number | undefined;
}

/** Where a block came from. `peerKey` names the peer for scores and messages. */
export interface BlockOrigin {
  kind: 'mined' | 'peer';
  peerKey?: string;
}

/** One block of a run: see `Chain.addBlocks`. */
export interface RunBlock {
  /** What the giver takes for its hash; it is compared with the header. */
  readonly hash: HashHex;
  readonly bytes: Uint8Array;
  readonly origin: BlockOrigin;
  /** Its entry, when the giver has it at hand: saves a look-up. */
  readonly entry?: BlockIndexEntry;
}

/** A block of a run, and what its bytes alone say of it: undefined when they have to be looked at more closely. */
export interface CheckedBlock {
  readonly given: RunBlock;
  readonly quick: QuickBlock | undefined;
  /** What that took, in ms. */
  readonly checkMs: number;
}

export type AddBlockResult =
  /** It is the new tip (or a reorg to it happened). */
  | { status: 'connected'; entry: BlockIndexEntry; reorg?: Reorg }
  /** Stored; another branch has at least as much work. */
  | { status: 'side'; entry: BlockIndexEntry }
  | { status: 'duplicate'; entry: BlockIndexEntry }
  /** Parent unknown: it waits in the orphan pool. */
  | { status: 'orphan'; hash: HashHex; missing: HashHex }
  /** Refused; nothing changed but the memory of its hash. */
  | { status: 'invalid'; hash: HashHex; error: RuleError };

export type AddHeadersResult =
  /**
   * All accepted (or known already): `last` is the entry of the last one, `added` how many were new. `limited`: the header tree
   * is full (MAX_HEADERS_AHEAD, MAX_LOW_WORK_HEADERS), the headers after `last` were dropped; ask again from `last` when
   * bodies came.
   */
  | { status: 'ok'; added: number; last: BlockIndexEntry | undefined; limited?: true }
  /** The first header's parent is unknown. Nothing was added. */
  | { status: 'unconnected'; missing: HashHex }
  /** Header number `at` broke a rule; those before it were added. */
  | { status: 'invalid'; at: number; hash: HashHex; error: RuleError };

/** A block of the active chain as a long list shows it. */
export interface ActiveLine {
  hash: HashHex;
  /** Seconds since 1970. */
  time: number;
  bits: number;
}

export interface Reorg {
  fork: BlockIndexEntry;
  oldTip: BlockIndexEntry;
  newTip: BlockIndexEntry;
  /** Tip first. */
  disconnected: BlockIndexEntry[];
  /** Fork first. */
  connected: BlockIndexEntry[];
}

/**
 * All emitted after the change is on disk and in memory, in this order: disconnects (tip first), connects, reorg, tip. A change of the tip may
 * bring many blocks: a connect for each comes before the one tip, and at each the chain has its new tip already.
 */
export interface ChainEvents {
  connect: [entry: BlockIndexEntry, block: Block, origin: BlockOrigin];
  /** Instead of `connect`, in a reorg, when the block could not be read again for the event; `ids` are those of all its transactions. */
  'connect-unread': [entry: BlockIndexEntry, ids: readonly HashHex[]];
  disconnect: [entry: BlockIndexEntry, block: Block];
  /** Both sides have at least one block. */
  reorg: [reorg: Reorg];
  /** Once for every change of the tip, whether by one block or by a run of them. */
  tip: [tip: BlockIndexEntry, previous: BlockIndexEntry];
  /** Stored beside the active chain. */
  side: [entry: BlockIndexEntry, block: Block, origin: BlockOrigin];
  orphan: [hash: HashHex, missing: HashHex, origin: BlockOrigin];
  /** A block (and with it its descendants) was found to break a rule. `height` when it is known. */
  invalid: [hash: HashHex, height: number | undefined, error: RuleError, origin: BlockOrigin];
  /** The store said no (disk full, directory gone) or repaired itself. */
  notice: [level: 'info' | 'warning' | 'error', code: string, message: string];
}

/** The reading side of `Chain`, which net, mempool, mining and the API use. */
export interface ChainView {
  readonly tip: BlockIndexEntry;
  /** The valid header with the most work, body or not. */
  readonly bestHeader: BlockIndexEntry;
  readonly genesis: BlockIndexEntry;
  getEntry(hash: HashHex): BlockIndexEntry | undefined;
  /** Entry of the active chain at a height. */
  getActive(height: number): BlockIndexEntry | undefined;
  isActive(entry: BlockIndexEntry): boolean;
  isKnownInvalid(hash: HashHex): boolean;
  /** Where the branch of `entry` leaves the active chain; itself when it is active. */
  forkOf(entry: BlockIndexEntry): BlockIndexEntry;
  /** Ancestor of `entry` at `height` (itself when equal). */
  getAncestor(entry: BlockIndexEntry, height: number): BlockIndexEntry | undefined;
  children(hash: HashHex): BlockIndexEntry[];
  /** Every tip of a stored branch that is not active, most work first. */
  sideTips(): BlockIndexEntry[];
  readonly blockCount: number;
  readonly orphanCount: number;
  /**
   * Active blocks whose stored body was found damaged (`hasBlock` is false), lowest first: to be fetched again and given to
   * `addBlock`, which answers `duplicate` when the body is back.
   */
  missingBodies(): BlockIndexEntry[];
  /** Which rule a block broke, while it is remembered. */
  invalidReason(hash: HashHex): RuleViolation | undefined;
  /** Whether these bytes begin with the header of an entry; false also when that is not in memory (see `headerOf`). */
  hasHeader(entry: BlockIndexEntry, bytes: Uint8Array): boolean;
  /** The header of an entry when it is in memory: of those that are not stored, and of the last thousands that were. Made anew at every call. */
  headerOf(entry: BlockIndexEntry): BlockHeader | undefined;
  /** The same, and from disk when need be; undefined where it cannot be read any more. Of many entries at once it is fastest. */
  readHeaders(entries: readonly BlockIndexEntry[]): Promise<(BlockHeader | undefined)[]>;
  /** What a list says of the active block at a height; undefined above the tip. For many heights: makes no entry. */
  activeLine(height: number): ActiveLine | undefined;
  /** Seconds since 1970 of the active block at a height. For many heights: makes no entry. */
  activeTime(height: number): number | undefined;
  /** One step for each stored block: its entry when `test` says yes to its hash, undefined when not. For many blocks: makes no other entry. */
  search(test: (hash: HashHex) => boolean): Iterable<BlockIndexEntry | undefined>;
  /** Body from disk, hash checked; undefined when the body is not stored. */
  getBlock(hash: HashHex): Promise<Block | undefined>;
  getBlockBytes(hash: HashHex): Promise<Uint8Array | undefined>;
  /** The same of the block that was stored last, if it came alone, from memory: neighbours ask for it at once, and reading it back takes as long as sending it. */
  newestBody(hash: HashHex): Uint8Array | undefined;
  /**
   * Bodies of entries of consecutive heights, each the parent of the next, read in one go: as many of the first as could be read and as `maxBytes`
   * allows (at least one). None when already the first cannot be read: `getBlockBytes` says more of that one.
   */
  readBodies(entries: readonly BlockIndexEntry[], maxBytes: number): Promise<Uint8Array[]>;
  /** Hashes for getheaders: from `from` (default: best header) back, dense for 10, then doubling, genesis last. */
  locator(from?: BlockIndexEntry): HashHex[];
  /** The first locator hash that is on the active chain, genesis when none is. */
  findLocatorFork(locator: readonly HashHex[]): BlockIndexEntry;
  /** bits that a child of `parent` must carry. */
  nextBits(parent: BlockIndexEntry): number;
  medianTimePast(entry: BlockIndexEntry): number;
  /** Height of the active block that holds this transaction, when there is one. */
  findTransaction(id: HashHex): Promise<{ blockHash: HashHex; height: number } | undefined>;
}
