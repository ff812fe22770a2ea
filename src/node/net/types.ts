import type { HashHex } from '../../shared/blocks.ts';
import type { ListenInfo, LostPeer, Rejection, SyncState } from '../../shared/events.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import type { AddBlockResult, AddHeadersResult, BlockOrigin, ChainEvents, ChainView, CheckedBlock, RunBlock } from '../chain/types.ts';
import type { Block } from '../primitives/block.ts';
import type { BlockHeader } from '../primitives/header.ts';
import type { DataTransaction } from '../primitives/transaction.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import type { Random } from '../util/random.ts';
import type { Transport } from './transport.ts';

/** What the pool needs of the chain. */
export interface NetChain extends ChainView {
  addBlock(block: Block | Uint8Array, origin: BlockOrigin): Promise<AddBlockResult>;
  checkBlocks(blocks: readonly RunBlock[]): CheckedBlock[];
  addBlocks(blocks: readonly CheckedBlock[]): Promise<AddBlockResult[]>;
  addHeaders(headers: readonly BlockHeader[], origin: BlockOrigin): Promise<AddHeadersResult>;
  on<K extends keyof ChainEvents>(event: K, listener: (...args: ChainEvents[K]) => unknown): () => void;
}

/** What the pool needs of an entry of the mempool. */
export interface NetMempoolEntry {
  readonly id: HashHex;
  readonly transaction: DataTransaction;
}

/** What the pool needs of the mempool. */
export interface NetMempool {
  has(id: HashHex): boolean;
  get(id: HashHex): NetMempoolEntry | undefined;
  entries(): Iterable<NetMempoolEntry>;
  add(transaction: DataTransaction, origin: { kind: 'peer'; peerKey?: string }): Promise<{ status: string; error?: { readonly score: number } }>;
  on(event: 'add', listener: (entry: NetMempoolEntry) => unknown): () => void;
}

/** One known address as it is kept on disk. */
export interface StoredPeer {
  /** `host:port`. */
  address: string;
  kept: boolean;
  /** It was connected to us when we closed, and had dialled us: we look for it once at the next start. */
  neighbour?: boolean;
  /** Milliseconds since 1970 when it was last connected or heard of; 0 for never. */
  lastSeen: number;
}

export interface PeerStore {
  /** What `save` was given; records of another shape are left out. */
  load(): Promise<readonly unknown[]>;
  /** Replaces what was saved before. */
  save(records: StoredPeer[]): Promise<void>;
}

export interface PeerPoolOptions {
  params: Pick<NetworkParams, 'magic' | 'genesisHash' | 'powLimit'>;
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** When the port is taken, try the next ones. For a default port; one that the user asked for must be that one. */
  portFallback: boolean;
  /** Addresses of the settings (PEERS); they are kept. */
  peers: readonly string[];
  /** 32 hex digits. */
  nodeId: string;
  nodeName: string;
  userAgent: string;
  maxInbound?: number;
  /** Outbound connections that nobody asked for by name. */
  maxOutbound?: number;
  /** Headers of branches with less work than our tip that all peers may make us store in a day. */
  maxSideHeaders?: number;
  /** Headers of one branch that are counted without being stored. */
  maxPresyncHeaders?: number;
}

export interface PeerPoolModules {
  chain: NetChain;
  mempool: NetMempool;
  clock: Clock;
  random: Random;
  logger: Logger;
  peerStore: PeerStore;
  /** WebSockets when absent. */
  transport?: Transport;
}

export interface PeerPoolEvents {
  peer: [info: PeerInfo];
  'peer-removed': [key: string, lost: LostPeer | undefined];
  sync: [state: SyncState];
  rejected: [rejection: Rejection];
  notice: [level: 'info' | 'warning' | 'error', code: string, message: string];
  listening: [info: ListenInfo];
}

/** The peer server could not listen. */
export class ListenError extends Error {
  /** The setting to change. */
  readonly variable: 'P2P_PORT' | 'P2P_HOST';
  readonly code: string;

  constructor(variable: 'P2P_PORT' | 'P2P_HOST', code: string, message: string) {
    super(message);
    this.name = 'ListenError';
    this.variable = variable;
    this.code = code;
  }
}
