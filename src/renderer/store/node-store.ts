import { create } from 'zustand';
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { emptyNodeState, type NodeState } from './node-state.ts';

/** What the node says: `const tip = useNode((state) => state.chain?.tip)`. Select parts, not objects built on the fly. */
export const useNode = create<NodeState>()(() => emptyNodeState);

export const nodeHolder = {
  get: (): NodeState => useNode.getState(),
  set: (state: NodeState): void => useNode.setState(state, true),
};

/** Block by hash, of those that the window holds. */
export function useBlock(hash: HashHex | null | undefined): BlockSummary | undefined {
  return useNode((state) => (hash == null ? undefined : state.blocks.get(hash)));
}

export const PEER_ORDERS = ['name', 'height', 'latency', 'bytes'] as const;
export type PeerOrder = (typeof PEER_ORDERS)[number];

const bytesOf = (peer: PeerInfo): number => peer.bytesIn + peer.bytesOut;

/** Negative when `a` comes first: the highest, the quickest, the one that most was exchanged with. What is not known comes last. */
function comparePeers(a: PeerInfo, b: PeerInfo, order: PeerOrder): number {
  switch (order) {
    case 'name':
      return 0;
    case 'height':
      return (b.height ?? -1) - (a.height ?? -1);
    case 'latency':
      return (a.latencyMs ?? Number.MAX_VALUE) - (b.latencyMs ?? Number.MAX_VALUE);
    case 'bytes':
      return bytesOf(b) - bytesOf(a);
  }
}

/**
 * Rows of the peers panel, connected ones first; equal ones, and all with `name`, in the order of their names. A peer whose link is cut keeps its place among the
 * connected ones: the button that mends stands where the one that cut was, and a second click never meets another peer.
 */
export function sortPeers(peers: Iterable<PeerInfo>, order: PeerOrder = 'name'): PeerInfo[] {
  const rank = (peer: PeerInfo): number => (peer.state === 'connected' || peer.state === 'cut' ? 0 : peer.state === 'connecting' ? 1 : 2);
  return [...peers].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      comparePeers(a, b, order) ||
      (a.name ?? a.address).localeCompare(b.name ?? b.address, 'en') ||
      (a.key < b.key ? -1 : 1),
  );
}
