/**
 * What the window knows about the node, and how events change it. Pure: no bridge, no clock, no React.
 * A command's reply never touches it; only snapshots and events do.
 */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import type {
  ChainState,
  LostPeer,
  MempoolState,
  MiningState,
  NodeEvent,
  NodeInfo,
  NodeSnapshot,
  Notice,
  Rejection,
  ReorgInfo,
  SyncState,
} from '../../shared/events.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { MAX_HELD_HEIGHTS, MAX_HELD_SIDE_BLOCKS, MAX_NOTICES, MAX_REJECTIONS } from '../lib/limits.ts';

/** Something that happened once. `id` counts up in this window, so that a reader can tell what it has shown already. */
export interface Happening<T> {
  id: number;
  /** Milliseconds since 1970; 0 when it came with a snapshot. */
  at: number;
  value: T;
}

export interface NodeState {
  /** `loading` until the first snapshot; `lost` while the node does not answer. */
  phase: 'loading' | 'live' | 'lost';
  /** Why it is lost, for a person. */
  problem: string | null;
  /** Number of the last event applied. */
  seq: number;
  node: NodeInfo | null;
  chain: ChainState | null;
  /** Blocks of the last MAX_HELD_HEIGHTS heights, all branches, by hash. */
  blocks: ReadonlyMap<HashHex, BlockSummary>;
  /** Heights in `blocks`, ascending, each once. */
  heights: readonly number[];
  /** Hashes of the active chain in `blocks`, ascending by height, without a gap up to the tip. */
  active: readonly HashHex[];
  /** True when the active chain in `blocks` has a hole: a snapshot is needed. */
  gap: boolean;
  peers: ReadonlyMap<string, PeerInfo>;
  mining: MiningState | null;
  mempool: MempoolState | null;
  sync: SyncState | null;
  notices: readonly Happening<Notice>[];
  rejections: readonly Happening<Rejection>[];
  lastReorg: Happening<ReorgInfo> | null;
  /** The last peer that left without being taken away. */
  lastLost: Happening<LostPeer> | null;
  /** Bytes that went over all links, both ways, since the window opened. */
  wireBytes: number;
  /** The next id of a Happening. */
  nextId: number;
}

export const emptyNodeState: NodeState = {
  phase: 'loading',
  problem: null,
  seq: 0,
  node: null,
  chain: null,
  blocks: new Map(),
  heights: [],
  active: [],
  gap: false,
  peers: new Map(),
  mining: null,
  mempool: null,
  sync: null,
  notices: [],
  rejections: [],
  lastReorg: null,
  lastLost: null,
  wireBytes: 0,
  nextId: 1,
};

/** A working copy: maps are copied once for a whole batch, however many events it holds. */
interface Draft {
  state: NodeState;
  blocks: Map<HashHex, BlockSummary> | null;
  peers: Map<string, PeerInfo> | null;
  chainChanged: boolean;
}

function draftBlocks(draft: Draft): Map<HashHex, BlockSummary> {
  draft.blocks ??= new Map(draft.state.blocks);
  return draft.blocks;
}

function draftPeers(draft: Draft): Map<string, PeerInfo> {
  draft.peers ??= new Map(draft.state.peers);
  return draft.peers;
}

function happened<T>(draft: Draft, at: number, value: T): Happening<T> {
  const id = draft.state.nextId;
  draft.state.nextId = id + 1;
  return { id, at, value };
}

function setBranch(blocks: Map<HashHex, BlockSummary>, hash: HashHex, branch: BlockSummary['branch']): void {
  const block = blocks.get(hash);
  if (block !== undefined && block.branch !== branch) blocks.set(hash, { ...block, branch });
}

/** Bytes that a peer's counters grew by; a counter that fell was started anew. */
function grown(before: PeerInfo | undefined, after: PeerInfo): number {
  if (before === undefined) return 0;
  const received = after.bytesIn >= before.bytesIn ? after.bytesIn - before.bytesIn : after.bytesIn;
  const sent = after.bytesOut >= before.bytesOut ? after.bytesOut - before.bytesOut : after.bytesOut;
  return received + sent;
}

function applyOne(draft: Draft, event: NodeEvent): void {
  const { state } = draft;
  switch (event.type) {
    case 'node':
      state.node = event.node;
      break;
    case 'block':
      draftBlocks(draft).set(event.block.hash, event.block);
      draft.chainChanged = true;
      break;
    case 'reorg': {
      const blocks = draftBlocks(draft);
      for (const hash of event.reorg.disconnected) setBranch(blocks, hash, 'side');
      for (const hash of event.reorg.connected) setBranch(blocks, hash, 'active');
      state.lastReorg = happened(draft, event.at, event.reorg);
      draft.chainChanged = true;
      break;
    }
    case 'tip':
      state.chain = event.chain;
      draft.chainChanged = true;
      break;
    case 'peer': {
      const peers = draftPeers(draft);
      state.wireBytes += grown(peers.get(event.peer.key), event.peer);
      peers.set(event.peer.key, event.peer);
      break;
    }
    case 'peer-removed':
      draftPeers(draft).delete(event.key);
      if (event.lost !== undefined) state.lastLost = happened(draft, event.at, event.lost);
      break;
    case 'mining':
      state.mining = event.mining;
      break;
    case 'mempool':
      state.mempool = event.mempool;
      break;
    case 'sync':
      state.sync = event.sync;
      break;
    case 'rejected':
      state.rejections = [...state.rejections, happened(draft, event.at, event.rejection)].slice(-MAX_REJECTIONS);
      break;
    case 'notice':
      state.notices = [...state.notices, happened(draft, event.at, event.notice)].slice(-MAX_NOTICES);
      break;
  }
}

/** Drops what is further below the tip than the window holds, and the oldest side blocks beyond their own limit. */
function prune(blocks: Map<HashHex, BlockSummary>, tipHeight: number): void {
  const lowest = tipHeight - MAX_HELD_HEIGHTS + 1;
  const side: BlockSummary[] = [];
  for (const block of blocks.values()) {
    if (block.height < lowest) blocks.delete(block.hash);
    else if (block.branch !== 'active') side.push(block);
  }
  if (side.length <= MAX_HELD_SIDE_BLOCKS) return;
  side.sort((a, b) => a.height - b.height);
  for (const block of side.slice(0, side.length - MAX_HELD_SIDE_BLOCKS)) blocks.delete(block.hash);
}

/**
 * Walks from the tip down its parents: that walk is the active chain, whatever the flags of single blocks say. Flags above
 * the walk's foot are corrected to agree with it.
 */
function relink(state: NodeState, blocks: Map<HashHex, BlockSummary>): void {
  const tip = state.chain?.tip;
  if (tip === undefined) return;
  const walk: HashHex[] = [];
  for (let block = blocks.get(tip.hash); block !== undefined; block = blocks.get(block.previousHash)) {
    walk.push(block.hash);
    if (block.height === 0) break;
  }
  walk.reverse();
  const foot = blocks.get(walk[0] ?? '')?.height ?? tip.height + 1;
  const onWalk = new Set(walk);
  for (const hash of walk) setBranch(blocks, hash, 'active');
  let lowest = foot;
  for (const block of blocks.values()) {
    if (block.branch === 'active' && block.height >= foot && !onWalk.has(block.hash)) setBranch(blocks, block.hash, 'side');
    if (block.branch === 'active' && block.height < lowest) lowest = block.height;
  }
  // A foot at genesis, or at the lowest active block that is held, is the end of what is known; any other foot is a hole.
  state.gap = walk.length === 0 || lowest < foot;
  prune(blocks, tip.height);
  state.active = walk.filter((hash) => blocks.has(hash));
  state.heights = [...new Set([...blocks.values()].map((block) => block.height))].sort((a, b) => a - b);
}

function finish(draft: Draft): NodeState {
  const { state } = draft;
  if (draft.peers !== null) state.peers = draft.peers;
  if (draft.chainChanged) {
    const blocks = draftBlocks(draft);
    relink(state, blocks);
  }
  if (draft.blocks !== null) state.blocks = draft.blocks;
  return state;
}

/**
 * The state after `events`. Events that are not newer than the state are skipped; a gap in the numbers is normal, since pushes
 * carry only the last of several `peer` and `mining` events.
 */
export function applyEvents(state: NodeState, events: readonly NodeEvent[]): NodeState {
  const draft: Draft = { state: { ...state }, blocks: null, peers: null, chainChanged: false };
  let applied = 0;
  for (const event of events) {
    if (event.seq <= draft.state.seq) continue;
    applyOne(draft, event);
    draft.state.seq = event.seq;
    applied += 1;
  }
  return applied === 0 ? state : finish(draft);
}

/**
 * Notices of a snapshot keep the id of the same notice that is known already, so that nobody is told twice; and like those of events they stand in
 * the order of their ids, for whoever has seen the last to have seen all. One that came again may stand last, under its old id.
 */
function mergeNotices(draft: Draft, fromSnapshot: readonly Notice[]): Happening<Notice>[] {
  const known = [...draft.state.notices];
  return fromSnapshot
    .map((notice) => {
      const index = known.findIndex(({ value }) => value.code === notice.code && value.message === notice.message);
      const [same] = index < 0 ? [] : known.splice(index, 1);
      return same ?? happened(draft, 0, notice);
    })
    .sort((a, b) => a.id - b.id);
}

/**
 * The reorg between two states of which no event told: the walks from both tips down to where they meet. Null when there was none, or when
 * they meet below what is held. `returnedTransactions` is not known then.
 */
function untoldReorg(before: NodeState, after: NodeState): ReorgInfo | null {
  const oldTip = before.chain?.tip;
  const newTip = after.chain?.tip;
  if (oldTip === undefined || newTip === undefined || before.node?.genesisHash !== after.node?.genesisHash) return null;
  const active = new Set(after.active);
  const disconnected: HashHex[] = [];
  let fork = before.blocks.get(oldTip.hash);
  for (; fork !== undefined && !active.has(fork.hash); fork = before.blocks.get(fork.previousHash)) disconnected.push(fork.hash);
  if (fork === undefined || disconnected.length === 0) return null;
  const connected = after.active.slice(after.active.indexOf(fork.hash) + 1);
  return { forkHash: fork.hash, forkHeight: fork.height, oldTip, newTip, disconnected, connected, returnedTransactions: 0 };
}

/** The state that a snapshot describes. What only events tell (rejections, the last reorg) is kept; a reorg that no event told of is found. */
export function applySnapshot(state: NodeState, snapshot: NodeSnapshot): NodeState {
  const next: NodeState = {
    ...state,
    phase: 'live',
    problem: null,
    seq: snapshot.seq,
    node: snapshot.node,
    chain: snapshot.chain,
    mining: snapshot.mining,
    mempool: snapshot.mempool,
    sync: snapshot.sync,
  };
  const draft: Draft = {
    state: next,
    blocks: new Map(snapshot.blocks.map((block) => [block.hash, block])),
    peers: new Map(snapshot.peers.map((peer) => [peer.key, peer])),
    chainChanged: true,
  };
  for (const peer of snapshot.peers) next.wireBytes += grown(state.peers.get(peer.key), peer);
  next.notices = mergeNotices(draft, snapshot.notices);
  const after = finish(draft);
  const reorg = untoldReorg(state, after);
  if (reorg !== null) after.lastReorg = happened(draft, 0, reorg);
  return after;
}
