import { VIEWS_BEFORE_SWEEP, VIEWS_PER_STEP } from '../limits.ts';

/**
 * The entry of a row, as long as anybody holds it: so there are never two of one block, and `===` says whether two are the same one.
 * What nobody holds any more is left to the garbage collector.
 */
export class EntryViews<T extends WeakKey> {
  readonly #refs = new Map<number, WeakRef<T>>();
  #sweepAt = VIEWS_BEFORE_SWEEP;
  /** Where the sweep that is under way has come to. */
  #sweep: MapIterator<[number, WeakRef<T>]> | undefined;

  /** Entries remembered, those that the garbage collector took meanwhile included. */
  get size(): number {
    return this.#refs.size;
  }

  get(row: number): T | undefined {
    return this.#refs.get(row)?.deref();
  }

  set(row: number, entry: T): void {
    this.#refs.set(row, new WeakRef(entry));
    if (this.#sweep === undefined && this.#refs.size >= this.#sweepAt) this.#sweep = this.#refs.entries();
    if (this.#sweep !== undefined) this.#step(this.#sweep);
  }

  delete(row: number): void {
    this.#refs.delete(row);
  }

  clear(): void {
    this.#refs.clear();
    this.#sweep = undefined;
    this.#sweepAt = VIEWS_BEFORE_SWEEP;
  }

  /**
   * Forgets some of those that are gone: all at once held the event loop for 20 to 32 ms in a sync of 100,000 blocks. The next sweep
   * begins when as many again were made, so that each pays for itself.
   */
  #step(sweep: MapIterator<[number, WeakRef<T>]>): void {
    for (let looked = 0; looked < VIEWS_PER_STEP; looked++) {
      const next = sweep.next();
      if (next.done === true) {
        this.#sweep = undefined;
        this.#sweepAt = this.#refs.size + Math.max(VIEWS_BEFORE_SWEEP, this.#refs.size);
        return;
      }
      const [row, ref] = next.value;
      if (ref.deref() === undefined) this.#refs.delete(row);
    }
  }
}
