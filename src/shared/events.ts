import type { BlockSummary, HashHex, RuleViolation } from './blocks.ts';
import type { PeerInfo } from './peers.ts';

export type NetworkName = 'main' | 'regtest';

/** A server of this node: where it listens, and whether it had to move from the default port. */
export interface ListenInfo {
  host: string;
  port: number;
  /** The default port that was taken, when the server moved to the next free one. */
  movedFrom?: number;
}

export interface NodeInfo {
  nodeId: string;
  name: string;
  network: NetworkName;
  /** Product version, e.g. `0.1.0`. */
  version: string;
  userAgent: string;
  dataDir: string;
  genesisHash: HashHex;
  /** Absent while a server is not listening. */
  p2p?: ListenInfo;
  http?: ListenInfo;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** How far the computer's clock was moved while the node ran, in ms, ahead when positive. Absent while it runs as it should. */
  clockOffMs?: number;
}

export interface ChainTip {
  hash: HashHex;
  height: number;
  /** Seconds since 1970. */
  time: number;
  /** Hexadecimal without prefix. */
  chainwork: string;
}

/** A tip of a side branch that this node stores. */
export interface SideTip {
  hash: HashHex;
  height: number;
  /** Where it left the active chain. */
  forkHeight: number;
  chainwork: string;
  branch: 'side' | 'invalid';
}

export interface ChainState {
  tip: ChainTip;
  sideTips: SideTip[];
  /** Blocks stored, side branches included. */
  blockCount: number;
  orphanCount: number;
  /** What the next block on the tip must meet. */
  nextBits: number;
  nextRequiredZeroBits: number;
  nextExpectedHashes: number;
  /** Bytes of the data directory's database, updated now and then. */
  bytesOnDisk: number;
}

export interface ReorgInfo {
  forkHash: HashHex;
  forkHeight: number;
  oldTip: ChainTip;
  newTip: ChainTip;
  /** Tip first. */
  disconnected: HashHex[];
  /** Fork first. */
  connected: HashHex[];
  /** Transactions that went back to the mempool. */
  returnedTransactions: number;
}

export type MiningStatus = 'idle' | 'mining';

export interface MiningState {
  status: MiningStatus;
  /** Counts up with each job; 0 before the first. */
  jobId: number;
  /** Height of the block being mined, or of the next one. */
  height: number;
  /** Display text of the data being mined. */
  dataPreview: string;
  workers: number;
  /** How the workers hash: one of the names of MINE_KERNEL (docs/settings.md). Absent until one has started. */
  kernel?: string;
  /** Hashes tried for this job, hashes per second over the last 2 s. */
  hashes: number;
  hashRate: number;
  /** Rates of the last minute at most 4 a second, oldest first, for the sparkline (at most 240). */
  rateHistory: number[];
  expectedHashes: number;
  requiredZeroBits: number;
  /** Closest miss so far of this job. */
  bestHash?: HashHex;
  bestZeroBits: number;
  /** Milliseconds since 1970. */
  startedAt?: number;
  /** Jobs waiting behind this one. */
  queued: number;
  /** How often a rival's block or a new transaction renewed the template of this job. */
  templateRenewals: number;
  /** How the last job ended, after how many hashes, and how many waiting blocks were dropped when mining was stopped. */
  lastResult?: { jobId: number; outcome: 'found' | 'stopped' | 'failed'; hashes?: number; hash?: HashHex; height?: number; message?: string; dropped?: number };
}

export interface MempoolState {
  count: number;
  bytes: number;
}

export interface MempoolEntryInfo {
  id: HashHex;
  dataText: string;
  size: number;
  /** Milliseconds since 1970 given by its maker, and when it arrived here. */
  time: number;
  receivedAt: number;
}

export interface SyncState {
  phase: 'idle' | 'headers' | 'blocks';
  /** Height of the tip and of the best header known. */
  height: number;
  bestHeaderHeight: number;
  blocksPerSecond: number;
  /** Seconds left at this rate; absent when unknown. */
  secondsLeft?: number;
}

export interface Rejection {
  /** Who refused: this node, or the peer that sent us a `reject`. */
  by: 'us' | 'peer';
  peerKey?: string;
  peerName?: string;
  hash?: HashHex;
  height?: number;
  violation: RuleViolation;
}

export interface Notice {
  level: 'info' | 'warning' | 'error';
  /** Stable code, e.g. `store-repaired`, `port-moved`, `disk-full`. */
  code: string;
  /** One sentence: the cause, then the next step. */
  message: string;
}

/** A peer that is connected no more and not dialled again. */
export interface LostPeer {
  name: string;
  /** One sentence that speaks of the peer as "It", or of the connection. */
  text: string;
}

/** What can happen, without number and time. `peer` and `mining` carry the whole new state, so that the last one wins. */
export type NodeEventBody =
  | { type: 'node'; node: NodeInfo }
  /** A block joined the active chain (`branch` active), or was stored beside it. */
  | { type: 'block'; block: BlockSummary }
  /** Blocks changed branch in a reorg: emitted before the `tip` that follows. */
  | { type: 'reorg'; reorg: ReorgInfo }
  | { type: 'tip'; chain: ChainState }
  | { type: 'peer'; peer: PeerInfo }
  /** `lost`: its connection had worked and ended by itself, or for what it did; absent when a user took it away. */
  | { type: 'peer-removed'; key: string; lost?: LostPeer }
  | { type: 'mining'; mining: MiningState }
  | { type: 'mempool'; mempool: MempoolState }
  | { type: 'sync'; sync: SyncState }
  | { type: 'rejected'; rejection: Rejection }
  | { type: 'notice'; notice: Notice };

/** One entry of the one event stream: `seq` counts from 1 without gaps in a node's life; `at` is ms since 1970. */
export type NodeEvent = { seq: number; at: number } & NodeEventBody;

/** Everything a window needs to paint; events with `seq` greater than this one's bring it up to date. */
export interface NodeSnapshot {
  seq: number;
  node: NodeInfo;
  chain: ChainState;
  /**
   * The last RECENT_BLOCKS heights of the active chain and every stored side block above that height, ascending by
   * height, active before side. Blocks older than that come from `getBlocks`.
   */
  blocks: BlockSummary[];
  peers: PeerInfo[];
  mining: MiningState;
  mempool: MempoolState;
  sync: SyncState;
  /** Newest last; at most 50. */
  notices: Notice[];
}

export const RECENT_BLOCKS = 300;
