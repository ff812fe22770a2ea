import { MINING_LIMITS } from './limits.ts';

/** Hashes per second over the last moments, and the rates of the last minute. */
export class RateMeter {
  #samples: { at: number; hashes: number }[] = [];
  #history: number[] = [];

  /** Starts to count anew: the time since the last sample was no work. The history stays. */
  restart(at: number): void {
    this.#samples = [{ at, hashes: 0 }];
  }

  /** @param hashes all since `restart`; @param at monotonic ms */
  sample(at: number, hashes: number): void {
    this.#samples.push({ at, hashes });
    // One sample at or before the start of the window stays, so that the window is covered.
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? at) <= at - MINING_LIMITS.rateWindowMs) this.#samples.shift();
    this.#history.push(this.rate);
    if (this.#history.length > MINING_LIMITS.rateHistory) this.#history.shift();
  }

  get rate(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return Math.round(((last.hashes - first.hashes) * 1000) / (last.at - first.at));
  }

  get history(): number[] {
    return [...this.#history];
  }
}
