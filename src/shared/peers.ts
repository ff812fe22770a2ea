import type { HashHex } from './blocks.ts';

export type PeerDirection = 'inbound' | 'outbound';

/**
 * `connecting`: dialling or shaking hands. `connected`: version and verack went both ways. `waiting`: kept, not connected,
 * the next try is at `nextRetryAt`. `cut`: closed on purpose by the user of one of the two nodes, and closed until it is mended.
 */
export type PeerState = 'connecting' | 'connected' | 'waiting' | 'cut';

/** Whose user cut a link: this node's or the peer's. */
export type CutBy = 'us' | 'them';

/** How a peer's tip relates to ours. */
export type PeerVerdict = 'unknown' | 'same-tip' | 'behind' | 'ahead' | 'other-branch';

/** One row of the peers panel: one other node, connected now or kept. */
export interface PeerInfo {
  /** Stable for as long as the row lives: names the row, not the socket. */
  key: string;
  state: PeerState;
  /** There exactly while the state is `cut`. */
  cutBy?: CutBy;
  /** Of the connection now, or of the last one. */
  direction: PeerDirection;
  /** `host:port` that we dial or that it listens on; for an inbound peer without a listening port, its socket's address. */
  address: string;
  /** True when the user (form, PEERS, API) asked to stay connected. */
  kept: boolean;
  nodeId?: string;
  name?: string;
  userAgent?: string;
  height?: number;
  tipHash?: HashHex;
  verdict: PeerVerdict;
  /** Blocks behind (positive) or ahead (negative) of our tip when the verdict says so. */
  blocksBehind?: number;
  latencyMs?: number;
  /** The last up to 20 ping times in ms, oldest first. */
  latencyHistory: number[];
  bytesIn: number;
  bytesOut: number;
  /** 0 to 100; at 100 the connection is dropped. */
  misbehaviour: number;
  /** Milliseconds since 1970. */
  connectedAt?: number;
  nextRetryAt?: number;
  /** Failures in a row, by which the wait for the next dial grows: failed dials and lost connections. The loss of one that had lasted 10 s starts afresh, with 1. */
  attempts: number;
  /** One sentence: why the last connection ended or the last dial failed. */
  lastError?: string;
}

/** Why an address was not added: six that the peer form explains by its field (docs/acceptance.md, 24), and two more. */
export type AddPeerErrorCode =
  | 'bad-port'
  | 'self'
  | 'already-connected'
  | 'nothing-answers'
  | 'different-genesis'
  | 'not-an-address'
  | 'too-many-peers'
  | 'refused';

/** `PeerInfo.verdict` in numbers for the status bar and GET /status. */
export interface PeerCounts {
  connected: number;
  inbound: number;
  outbound: number;
  kept: number;
}
