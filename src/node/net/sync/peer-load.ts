import type { HashHex } from '../../../shared/blocks.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';
import { NET_LIMITS } from '../limits.ts';
import { RecentSet } from '../rate-limit.ts';

/** A `getblocks` that is not answered to its end. */
export interface AskedRun {
  readonly entries: readonly BlockIndexEntry[];
  /** Index of the next one to come. */
  next: number;
}

/** What one peer has been asked for, and whether it gets on with it. Times are monotonic ms. */
export class PeerLoad {
  readonly asked = new Set<HashHex>();
  /** Asked for and then given to somebody else: welcome when it comes after all. */
  readonly late = new RecentSet<HashHex>(NET_LIMITS.runWindow);
  /** Not to be asked for again: it had none, or a bad one. */
  readonly refused = new RecentSet<HashHex>(NET_LIMITS.runWindow);
  /** In the order in which they were asked, those that were given to somebody else meanwhile included. */
  readonly runs: AskedRun[] = [];
  /** Whether the peer answers `getblocks`. */
  readonly takesRuns: boolean;
  /** How many blocks it may be asked for at a time. */
  #room: number = NET_LIMITS.blocksInFlight;
  /** Made no progress; nothing more is asked of it until something arrives. */
  stalled = false;
  requestedAt = -Infinity;
  #progressAt: number;
  #bytes: number;
  #bytesAt: number;

  constructor(now: number, bytes: number, takesRuns: boolean) {
    this.takesRuns = takesRuns;
    this.#progressAt = now;
    this.#bytes = bytes;
    this.#bytesAt = now;
  }

  get room(): number {
    return this.#room;
  }

  /** A `blocks` message came, which need not be the end of a run: twice as much may be under way, as far as blocks of this size allow. */
  runCompleted(blocks: number, bytes: number): void {
    const bySize = Math.floor(NET_LIMITS.runsInFlightBytes / Math.max(1, bytes / Math.max(1, blocks)));
    this.#room = Math.max(NET_LIMITS.blocksInFlight, Math.min(2 * this.#room, bySize, NET_LIMITS.runsInFlight));
  }

  /** It lost what it was asked for: it begins again with little. */
  slowDown(): void {
    this.#room = NET_LIMITS.blocksInFlight;
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
