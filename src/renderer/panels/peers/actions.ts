/** What can be done about peers from more than one place. A failure is told in a toast; no promise rejects. */
import type { PeerInfo } from '../../../shared/peers.ts';
import { toasts } from '../../app/toast-manager.ts';
import { client, toApiError } from '../../lib/client.ts';
import { SPAWN_WAIT_MS } from '../../lib/limits.ts';
import { useNode } from '../../store/index.ts';

/** Opens another node on this computer, with this one as its peer. Resolves when it was started. */
export async function spawnPeer(): Promise<void> {
  await spawned();
}

/** The same, until its node has come: a window takes seconds to open. For as long as anybody waits at most. */
export async function spawnPeerAndMeet(): Promise<void> {
  const known = new Set(useNode.getState().peers.keys());
  if (await spawned()) await newcomer(known);
}

async function spawned(): Promise<boolean> {
  try {
    await client().spawnPeer();
    return true;
  } catch (thrown) {
    toasts.error('No peer was spawned', toApiError(thrown).message);
    return false;
  }
}

function newcomer(known: ReadonlySet<string>): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ peers }: Pick<ReturnType<typeof useNode.getState>, 'peers'>): void => {
      for (const key of peers.keys()) {
        if (known.has(key)) continue;
        clearTimeout(timer);
        unsubscribe();
        resolve();
        return;
      }
    };
    const unsubscribe = useNode.subscribe(look);
    const timer = setTimeout(() => {
      unsubscribe();
      resolve();
    }, SPAWN_WAIT_MS);
    look(useNode.getState());
  });
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
