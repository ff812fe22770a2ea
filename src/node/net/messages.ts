import type { HashHex } from '../../shared/blocks.ts';
import type { BlockHeader } from '../primitives/header.ts';
import type { Transaction } from '../primitives/transaction.ts';

/** Version of the wire protocol (docs/protocol.md). Nodes of different versions do not talk. */
export const PROTOCOL_VERSION = 2;

/** Type byte of each message. */
export const MESSAGE_TYPES = {
  version: 1,
  verack: 2,
  ping: 3,
  pong: 4,
  getheaders: 5,
  headers: 6,
  inv: 7,
  getdata: 8,
  block: 9,
  tx: 10,
  notfound: 11,
  getaddr: 12,
  addr: 13,
  reject: 14,
  tip: 15,
  getblocks: 16,
  blocks: 17,
} as const;

export type MessageType = keyof typeof MESSAGE_TYPES;

export interface VersionMessage {
  type: 'version';
  protocol: number;
  genesisHash: HashHex;
  /** Random for every connection: a node that meets its own nonce has dialled itself. */
  nonce: bigint;
  /** 32 hex digits. */
  nodeId: string;
  userAgent: string;
  name: string;
  /** 0 when it does not listen. */
  listenPort: number;
  /** Milliseconds since 1970 on the sender's clock. */
  time: number;
  /** A person asked for this connection just now: it is welcome even where the user had removed this node. */
  asked: boolean;
  /** It answers `getblocks`. */
  runs?: boolean;
  tip: TipStatus;
}

/** A version message of another protocol version: the rest of it cannot be read. */
export interface ForeignVersionMessage {
  type: 'foreign-version';
  protocol: number;
}

export interface TipStatus {
  hash: HashHex;
  height: number;
  chainwork: bigint;
}

export type InventoryKind = 'tx' | 'block';
export interface InventoryEntry {
  kind: InventoryKind;
  hash: HashHex;
}

export interface AddressEntry {
  host: string;
  port: number;
  /** Seconds since 1970 when the sender last heard of it. */
  lastSeen: number;
}

export type Message =
  | VersionMessage
  | { type: 'verack' }
  | { type: 'ping'; nonce: bigint }
  | { type: 'pong'; nonce: bigint }
  | { type: 'getheaders'; locator: HashHex[]; stop: HashHex | undefined }
  | { type: 'headers'; headers: BlockHeader[] }
  | { type: 'inv'; entries: InventoryEntry[] }
  | { type: 'getdata'; entries: InventoryEntry[] }
  /** `bytes` is the encoded block; its header has been read, the rest is checked on the way into the chain. */
  | { type: 'block'; hash: HashHex; header: BlockHeader; bytes: Uint8Array }
  | { type: 'tx'; id: HashHex; transaction: Transaction }
  | { type: 'notfound'; entries: InventoryEntry[] }
  | { type: 'getaddr' }
  | { type: 'addr'; entries: AddressEntry[] }
  | { type: 'reject'; rule: string; hash: HashHex; height: number | undefined; expected: string; got: string }
  | { type: 'tip'; tip: TipStatus }
  /** The `count` blocks of one branch that end at `last`, lowest first, in as many `blocks` as it takes. */
  | { type: 'getblocks'; last: HashHex; count: number }
  /** Encoded blocks, each of at least a header, in the order in which they were asked for. Nothing of them has been read. */
  | { type: 'blocks'; bodies: Uint8Array[] };

export type ReceivedMessage = Message | ForeignVersionMessage | { type: 'unknown'; code: number };
