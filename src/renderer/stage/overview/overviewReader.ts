/** When the node is asked for the overview of the chain. Pure but for its timer. */
import type { ChainOverview } from '../../../shared/chain-view.ts';
import { OVERVIEW_REFRESH_MS } from '../limits.ts';

/**
 * One question at a time, and one in OVERVIEW_REFRESH_MS at most: nobody sees one block more in an overview of a chain that grows fast. Each answer is
 * shown, also when the chain has grown since it was asked for: where blocks come faster than answers there is no other.
 */
export class OverviewReader {
  readonly #ask: (buckets: number) => Promise<ChainOverview>;
  readonly #show: (overview: ChainOverview) => void;
  #askedAt = -Infinity;
  #asking = false;
  /** What is asked for next; null when nothing has changed since the last question. */
  #wanted: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: (buckets: number) => Promise<ChainOverview>, show: (overview: ChainOverview) => void) {
    this.#ask = ask;
    this.#show = show;
  }

  /** The chain, or the number of parts, is another one now. */
  want(buckets: number): void {
    this.#wanted = buckets;
    this.#plan();
  }

  /** What was wanted is wanted no more. An answer that is on its way is still shown. */
  stop(): void {
    this.#wanted = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #plan(): void {
    if (this.#wanted === null || this.#asking || this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.#read(), Math.max(0, this.#askedAt + OVERVIEW_REFRESH_MS - performance.now()));
  }

  async #read(): Promise<void> {
    this.#timer = null;
    const buckets = this.#wanted;
    if (buckets === null) return;
    this.#wanted = null;
    this.#asking = true;
    this.#askedAt = performance.now();
    try {
      this.#show(await this.#ask(buckets));
    } catch {
      // Without an answer the last one stays; the next block asks again.
    } finally {
      this.#asking = false;
      this.#plan();
    }
  }
}
