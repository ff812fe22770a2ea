import type { Peer } from './peer.ts';

/**
 * The connections of a node, and when each is to be looked at again. The times lie side by side: a tick of a node with many quiet peers
 * would spend most of its time on fetching every one of them from memory to learn that nothing is due.
 */
export class PeerTicks {
  #peers: Peer[] = [];
  #due: number[] = [];

  add(peer: Peer): void {
    this.#peers.push(peer);
    this.#due.push(-Infinity);
  }

  /** Every NET_LIMITS.tickMs, with monotonic ms. `slept`: the computer did, and everybody is looked at. Those that closed are left out from now on. */
  tick(now: number, slept: boolean): void {
    let closed = false;
    // Whoever is added meanwhile has its turn at the next tick.
    for (let i = 0, count = this.#due.length; i < count; i++) {
      if (now < (this.#due[i] as number) && !slept) continue;
      const peer = this.#peers[i] as Peer;
      this.#due[i] = peer.tick(now, slept);
      closed ||= peer.closed;
    }
    if (!closed) return;
    this.#due = this.#due.filter((_due, i) => !(this.#peers[i] as Peer).closed);
    this.#peers = this.#peers.filter((peer) => !peer.closed);
  }
}
