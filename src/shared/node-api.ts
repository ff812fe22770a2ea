import type { BlockCheck, BlockDetail, BlockSummary, HashHex, ListedBlock } from './blocks.ts';
import type { ChainIndexPage, ChainOverview, ForkList } from './chain-view.ts';
import type { MempoolEntryInfo, NodeEvent, NodeSnapshot } from './events.ts';
import type { AddPeerErrorCode, PeerInfo } from './peers.ts';
import type { TamperReport, TamperRequest } from './tamper.ts';

/** Why a command was refused. `message` is one sentence for a person; nothing else of it is meant to be read by people. */
export type ApiErrorCode =
  | AddPeerErrorCode
  | 'invalid-argument'
  | 'not-found'
  | 'data-too-large'
  | 'data-not-json'
  | 'mempool-full'
  | 'duplicate-transaction'
  | 'mining-queue-full'
  | 'mining-stopped'
  | 'mining-failed'
  | 'node-closing'
  | 'internal';

export interface ApiErrorShape {
  code: ApiErrorCode;
  message: string;
  /** The field or argument at fault, when there is one. */
  field?: string;
  expected?: string;
  got?: string;
}

/** Thrown by every NodeApi call that is refused. The two doors turn it into JSON; see ApiErrorShape. */
export class ApiError extends Error implements ApiErrorShape {
  readonly code: ApiErrorCode;
  readonly field?: string;
  readonly expected?: string;
  readonly got?: string;

  constructor(shape: ApiErrorShape) {
    super(shape.message);
    this.name = 'ApiError';
    this.code = shape.code;
    if (shape.field !== undefined) this.field = shape.field;
    if (shape.expected !== undefined) this.expected = shape.expected;
    if (shape.got !== undefined) this.got = shape.got;
  }

  toShape(): ApiErrorShape {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.expected === undefined ? {} : { expected: this.expected }),
      ...(this.got === undefined ? {} : { got: this.got }),
    };
  }
}

export interface MineRequest {
  /** The exact JSON text that the coinbase will carry. */
  dataText: string;
}

export interface MinedBlock {
  jobId: number;
  hash: HashHex;
  height: number;
}

export interface MineJob {
  jobId: number;
  /** Resolves when the block is stored and connected; rejects with ApiError `mining-stopped` or `mining-failed`. */
  done: Promise<MinedBlock>;
}

export interface BlockRange {
  /** First height, ascending; 0 when absent. */
  from?: number;
  /** At most this many; all of them when absent (streamBlocks) or API_LIMITS.rangeDefault (getBlocks). */
  limit?: number;
}

/** What to look for: `hash` is the first or the last digits of a hash, `text` a part of what a block carries, in any case. */
export type FindQuery = ({ hash: string } | { text: string }) & {
  /** At most this many blocks; API_LIMITS.findDefault when absent. */
  limit?: number;
};

export interface FindAnswer {
  /** The latest first. */
  blocks: BlockSummary[];
  /** Blocks that were looked at. */
  searched: number;
  /** False when older blocks were left out, because there are too many or a newer question came. */
  complete: boolean;
}

/**
 * The one interface to a node: the window (through IPC) and the HTTP API are thin doors to it. A command's reply says only that
 * it was accepted; the state arrives as events.
 */
export interface NodeApi {
  /** A consistent picture and the sequence number it stands at. */
  snapshot(): NodeSnapshot;
  /** Calls back for every event from now on, synchronously and in order. Returns the unsubscribe function. */
  subscribe(listener: (event: NodeEvent) => void): () => void;
  /** Events with a greater number that are still in the ring; null when some were dropped already (take a snapshot). */
  eventsAfter(seq: number): NodeEvent[] | null;

  /** A block of any branch by hash, or of the active chain by height; null when there is none. */
  getBlock(ref: HashHex | number): Promise<BlockDetail | null>;
  /**
   * Reads a stored block of any branch from disk and checks it again by every rule, and says how long each stage took; null when there is no such
   * block, or when its body turns out to be damaged: then it is fetched again from a peer.
   */
  checkBlock(hash: HashHex): Promise<BlockCheck | null>;
  /**
   * Changes the data of a stored block on a copy, and says what the rules make of it and what mending it would cost; null when there is no such block or
   * its body is damaged. Nothing is stored and nothing is sent. Rejects with `data-too-large` or `data-not-json`, as `mine` does.
   */
  tamper(request: TamperRequest): Promise<TamperReport | null>;
  /** Active chain, ascending. */
  getBlocks(range: BlockRange): Promise<BlockSummary[]>;
  /** Active chain as it stood at the call, ascending, without holding it in memory. */
  streamBlocks(range: BlockRange): AsyncIterable<ListedBlock>;

  /**
   * The whole active chain in at most `buckets` parts (CHAIN_VIEW_LIMITS.buckets). No body is read; remembered until the chain changes.
   * Throws or rejects with `invalid-argument`.
   */
  overview(buckets: number): Promise<ChainOverview>;
  /** Columns of the active chain, ascending; empty above the tip. At most CHAIN_VIEW_LIMITS.indexBlocks, or it throws `invalid-argument`. */
  chainIndex(range: { from: number; limit: number }): ChainIndexPage;
  /** Side branches between two heights, both included. */
  forks(heights: { from: number; to: number }): ForkList;
  /** Blocks of every branch by a part of their hash or of their data. A search of data ends when the next one begins, or with `stopFinding`. */
  findBlocks(query: FindQuery): Promise<FindAnswer>;
  /** Ends a search of data that is under way: it answers with what it has. Nobody waits for it any more. */
  stopFinding(): void;

  mine(request: MineRequest): MineJob;
  /**
   * Stops the running job and drops the queued ones, or only the job named, running or queued; false when there was nothing to stop. Resolves when
   * the workers stopped.
   */
  stopMining(jobId?: number): Promise<boolean>;

  /**
   * Dials `address` (`host:port` or `ws://host:port`) and resolves when the handshake is done; then the peer is kept: redialled
   * until removed, also after a restart. Rejects with one of AddPeerErrorCode; with `keepUnreachable`, a peer that
   * does not answer is kept and retried, and its row is returned.
   */
  addPeer(address: string, options?: { keepUnreachable?: boolean }): Promise<PeerInfo>;
  /** By key or address. Closes the connection and forgets the peer; false when there is none. */
  removePeer(keyOrAddress: string): Promise<boolean>;
  /**
   * Closes the link to a peer, by key or address, and keeps it closed: the peer is not dialled and its own dials are refused until the user of either node
   * mends it. Its row stays with the state `cut`; the peer is told and shows the same. Cutting what this node cut already changes nothing.
   * Lasts as long as this process. Rejects with `not-found`.
   */
  cutPeer(keyOrAddress: string): Promise<PeerInfo>;
  /**
   * Undoes a cut, whoever made it, and dials the peer. The answer is the row as it is then, mostly `connecting`; how it goes on arrives as events.
   * Mending what is not cut changes nothing. Rejects with `not-found`.
   */
  mendPeer(keyOrAddress: string): Promise<PeerInfo>;
  peers(): PeerInfo[];

  submitTransaction(dataText: string): Promise<MempoolEntryInfo>;
  transactions(): MempoolEntryInfo[];
}
