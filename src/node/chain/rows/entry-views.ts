import { VIEWS_BEFORE_SWEEP } from '../limits.ts';

/**
 * The entry of a row, as long as anybody holds it: so there are never two of one block, and `===` says whether two are the same one.
 * What nobody holds any more is left to the garbage collector.
 */
export class EntryViews<T extends WeakKey> {
  readonly #refs = new Map<number, WeakRef<T>>();
  #sweepAt = VIEWS_BEFORE_SWEEP;

  /** Entries remembered, those that the garbage collector took meanwhile included. */
  get size(): number {
    return this.#refs.size;
  }

  get(row: number): T | undefined {
    return this.#refs.get(row)?.deref();
  }

  set(row: number, entry: T): void {
    this.#refs.set(row, new WeakRef(entry));
    if (this.#refs.size >= this.#sweepAt) this.#sweep();
  }

  delete(row: number): void {
    this.#refs.delete(row);
  }

  clear(): void {
    this.#refs.clear();
    this.#sweepAt = VIEWS_BEFORE_SWEEP;
  }

  /** Forgets those that are gone. The next time comes when as many again were made, so that each pays for itself. */
  #sweep(): void {
    for (const [row, ref] of this.#refs) if (ref.deref() === undefined) this.#refs.delete(row);
    this.#sweepAt = this.#refs.size + Math.max(VIEWS_BEFORE_SWEEP, this.#refs.size);
  }
}
