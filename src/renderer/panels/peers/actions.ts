/** What can be done about peers from more than one place. A failure is told in a toast; neither promise rejects. */
import type { PeerInfo } from '../../../shared/peers.ts';
import { toasts } from '../../app/toast-manager.ts';
import { client, toApiError } from '../../lib/client.ts';
import { useNode } from '../../store/index.ts';

/** Opens another node on this computer, with this one as its peer. */
export async function spawnPeer(): Promise<void> {
  try {
    await client().spawnPeer();
  } catch (thrown) {
    toasts.error('No peer was spawned', toApiError(thrown).message);
  }
}

/** Closes the link to a peer and keeps it closed until it is mended. */
export async function cutPeer(peer: Pick<PeerInfo, 'key'>): Promise<void> {
  try {
    await client().cutPeer({ key: peer.key });
  } catch (thrown) {
    toasts.error('The link was not cut', toApiError(thrown).message);
  }
}

/** Undoes a cut of either side. */
export async function mendPeer(peer: Pick<PeerInfo, 'key'>): Promise<void> {
  try {
    await client().mendPeer({ key: peer.key });
  } catch (thrown) {
    toasts.error('The link was not mended', toApiError(thrown).message);
  }
}

/** Freezes the network as far as it is this node's: no block comes or goes until `mendAllPeers`. The node takes the calls in one go, in order. */
export async function cutAllPeers(): Promise<void> {
  await Promise.all([...useNode.getState().peers.values()].filter(({ cutBy }) => cutBy !== 'us').map(cutPeer));
}

/** Mends every link that is cut, whoever cut it. */
export async function mendAllPeers(): Promise<void> {
  await Promise.all([...useNode.getState().peers.values()].filter(({ state }) => state === 'cut').map(mendPeer));
}

/** Closes the connection and forgets the peer. */
export async function removePeer(peer: Pick<PeerInfo, 'key'>): Promise<void> {
  try {
    await client().removePeer({ key: peer.key });
  } catch (thrown) {
    toasts.error('The peer was not removed', toApiError(thrown).message);
  }
}
