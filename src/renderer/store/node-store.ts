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

/** Rows of the peers panel in the order of their names, connected ones first. */
export function sortPeers(peers: Iterable<PeerInfo>): PeerInfo[] {
  const rank = (peer: PeerInfo): number => (peer.state === 'connected' ? 0 : peer.state === 'connecting' ? 1 : 2);
  return [...peers].sort(
    (a, b) => rank(a) - rank(b) || (a.name ?? a.address).localeCompare(b.name ?? b.address, 'en') || (a.key < b.key ? -1 : 1),
  );
}
