import { ApiError } from '../../shared/node-api.ts';
import type { CutBy } from '../../shared/peers.ts';
import type { Clock } from '../util/clock.ts';
import type { Random } from '../util/random.ts';
import { addressKey, makeAddress, type PeerAddress } from './address.ts';
import { retryDelay } from './backoff.ts';
import { NET_LIMITS } from './limits.ts';
import type { Peer, PeerEnd } from './peer.ts';
import type { PeerRow, PeerRows } from './rows.ts';

/** So many failures that the delay is the longest one. */
const SLOWEST_RETRY = 100;

/** What cutting needs of the connections. */
export interface CutHooks {
  dial(row: PeerRow): void;
  /** Ends a dial or handshake of the row, without a verdict on the row. */
  abandonDial(row: PeerRow, why: 'cut' | 'duplicate'): void;
  /** Drops, as cut, every connection of which this is true. */
  dropWhere(test: (peer: Peer, row: PeerRow | undefined) => boolean): void;
  /** Answers those who wait for the row to be connected. */
  reject(row: PeerRow, error: ApiError): void;
  /** Two rows are one node; gives the one that stays. */
  merge(first: PeerRow, second: PeerRow): PeerRow;
}

/**
 * Links that are closed on purpose (docs/adr/0053-cut-and-mend.md). The one who cuts keeps the other out and says `cut` in the close frame; the one who
 * is cut off stays away. A person at either end mends it: the flag `asked` of a version message opens the door.
 */
export class CutLinks {
  readonly #rows: PeerRows;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #hooks: CutHooks;
  #counter = 0;

  constructor(modules: { rows: PeerRows; clock: Clock; random: Random }, hooks: CutHooks) {
    this.#rows = modules.rows;
    this.#clock = modules.clock;
    this.#random = modules.random;
    this.#hooks = hooks;
  }

  /** Closes the link and keeps it closed: no dial from here, none of theirs let in. */
  cut(row: PeerRow): void {
    if (row.cut === 'us' || row.removed) return;
    this.#hooks.reject(row, new ApiError({ code: 'refused', message: 'The link was cut. Mend it to connect again.', field: 'address' }));
    this.#mark(row, 'us');
    row.lastError = undefined;
    this.#hooks.abandonDial(row, 'cut');
    this.#hooks.dropWhere((peer, owner) => owner === row || (peer.nodeId !== undefined && isSame(row, peer.nodeId, addressOf(peer))));
    this.#rows.touch(row, true);
  }

  /** Dials a peer whose link was cut by either side, and says that a person asked for it. */
  mend(row: PeerRow): void {
    if (row.cut === undefined || row.removed) return;
    this.#hooks.abandonDial(row, 'duplicate');
    row.cut = undefined;
    row.lastError = undefined;
    row.attempts = 0;
    row.mendTries = NET_LIMITS.mendTries;
    row.asked = true;
    this.#hooks.dial(row);
  }

  /** Whether this node's user cut the link to whoever says this at the other end. */
  keepsOut(nodeId: string, peer: Peer): boolean {
    const address = addressOf(peer);
    for (const row of this.#rows) if (row.cut === 'us' && isSame(row, nodeId, address)) return true;
    return false;
  }

  /**
   * The row of the cut link to the node that has just been let in. By address only as long as no node is known for the row: anybody may say that he
   * listens where another one does, and must not take over that one's row.
   */
  ghostOf(nodeId: string, peer?: Peer): PeerRow | undefined {
    const address = peer === undefined ? undefined : addressOf(peer);
    for (const row of this.#rows) {
      if (row.cut === undefined || row.peer !== undefined) continue;
      if (row.nodeId === nodeId || (row.nodeId === undefined && isSame(row, nodeId, address))) return row;
    }
    return undefined;
  }

  /** A connection of this row ended with `cut`. */
  closed(row: PeerRow, end: PeerEnd): void {
    if (row.cut === 'us') return;
    if (end.by === 'us') {
      // The row is another address of a node to which the link is cut.
      const ghost = row.nodeId === undefined ? undefined : this.ghostOf(row.nodeId);
      const stays = ghost === undefined || ghost === row ? row : this.#hooks.merge(ghost, row);
      this.#mark(stays, 'us');
      this.#rows.touch(stays, true);
      return;
    }
    this.#hooks.reject(row, new ApiError({ code: 'refused', message: end.text, field: 'address', got: row.address?.text ?? '' }));
    this.#mark(row, 'them');
    row.lastError = end.text;
    row.lastSeen = this.#clock.now();
    this.#rows.touch(row, true);
    if (!row.kept || row.address === undefined) return;
    // The peer's process forgets the cut when it ends, and nobody else would tell. It is also all that somebody can do who says `cut` in another
    // node's name: the longest backoff waits as long.
    row.retryTimer = this.#clock.setTimeout(() => {
      this.#hooks.dial(row);
    }, retryDelay(SLOWEST_RETRY, this.#random));
  }

  #mark(row: PeerRow, by: CutBy): void {
    row.cut = by;
    row.cutNumber = ++this.#counter;
    row.mendTries = 0;
    row.attempts = 0;
    row.asked = false;
    row.nextRetryAt = undefined;
    this.#clock.clearTimeout(row.retryTimer);
    row.retryTimer = undefined;
    const ghosts = [...this.#rows].filter((other) => other.cut === by && !other.kept).sort((a, b) => a.cutNumber - b.cutNumber);
    const most = by === 'us' ? NET_LIMITS.cutByUs : NET_LIMITS.cutByThem;
    for (const surplus of ghosts.slice(0, Math.max(0, ghosts.length - most))) this.#rows.remove(surplus);
  }
}

/** Where the node at the other end says that it listens; undefined when it does not. */
function addressOf(peer: Peer): PeerAddress | undefined {
  const port = peer.version?.listenPort ?? 0;
  return port === 0 ? undefined : makeAddress(peer.socket.remoteHost, port);
}

function isSame(row: PeerRow, nodeId: string, address: PeerAddress | undefined): boolean {
  if (row.nodeId === nodeId) return true;
  return address !== undefined && row.address !== undefined && addressKey(row.address) === addressKey(address);
}
