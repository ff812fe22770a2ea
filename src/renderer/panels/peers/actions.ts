/** What can be done about peers from more than one place. A failure is told in a toast; neither promise rejects. */
import type { PeerInfo } from '../../../shared/peers.ts';
import { toasts } from '../../app/toast-manager.ts';
import { client, toApiError } from '../../lib/client.ts';

/** Opens another node on this computer, with this one as its peer. */
export async function spawnPeer(): Promise<void> {
  try {
    await client().spawnPeer();
  } catch (thrown) {
    toasts.error('No peer was spawned', toApiError(thrown).message);
  }
}

/** Closes the connection and forgets the peer. */
export async function removePeer(peer: Pick<PeerInfo, 'key'>): Promise<void> {
  try {
    await client().removePeer({ key: peer.key });
  } catch (thrown) {
    toasts.error('The peer was not removed', toApiError(thrown).message);
  }
}
