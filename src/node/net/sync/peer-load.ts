import type { HashHex } from '../../../shared/blocks.ts';
import { NET_LIMITS } from '../limits.ts';
import { RecentSet } from '../rate-limit.ts';

/** What one peer has been asked for, and whether it gets on with it. Times are monotonic ms. */
export class PeerLoad {
  readonly asked = new Set<HashHex>();
  /** Asked for and then given to somebody else: welcome when it comes after all. */
  readonly late = new RecentSet<HashHex>(NET_LIMITS.downloadWindow);
  /** Not to be asked for again: it had none, or a bad one. */
  readonly refused = new RecentSet<HashHex>(NET_LIMITS.downloadWindow);
  /** Made no progress; nothing more is asked of it until something arrives. */
  stalled = false;
  requestedAt = -Infinity;
  #progressAt: number;
  #bytes: number;
  #bytesAt: number;

  constructor(now: number, bytes: number) {
    this.#progressAt = now;
    this.#bytes = bytes;
    this.#bytesAt = now;
  }

  progress(now: number): void {
    this.#progressAt = now;
    this.stalled = false;
  }

  /** Milliseconds without progress while something is owed; 0 when nothing is. Called once a tick with `Peer.answerBytes`. */
  idleFor(now: number, bytes: number, owedSince: number | undefined, slept: boolean): number {
    const elapsed = Math.max(1, now - this.#bytesAt);
    const rate = ((bytes - this.#bytes) * 1000) / elapsed;
    this.#bytes = bytes;
    this.#bytesAt = now;
    const owes = this.asked.size > 0 || owedSince !== undefined || this.stalled;
    if (!owes || slept) this.#progressAt = now;
    else if (rate >= NET_LIMITS.slowestRate) this.progress(now);
    return Math.max(0, now - Math.max(this.#progressAt, this.asked.size > 0 || this.stalled ? 0 : (owedSince ?? 0)));
  }
}
