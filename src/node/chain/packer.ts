import type { BlockIndex } from './block-index.ts';
import { recordsOf } from './header-reader.ts';
import type { IndexEntry } from './index-entry.ts';
import { PAGE_DEPTH, PAGE_RECORDS } from './limits.ts';
import type { Store } from './store/store.ts';

export interface PageSize {
  readonly records: number;
  /** Blocks above the last one of a page when it is written. */
  readonly depth: number;
}

/** Packs the index records deep below the tip into pages, which are read many times faster when the node opens. */
export class Packer {
  readonly #index: BlockIndex;
  readonly #store: Store;
  readonly #size: PageSize;
  /** Height up to which records are in pages. */
  #packed = 0;

  constructor(index: BlockIndex, store: Store, size: PageSize = { records: PAGE_RECORDS, depth: PAGE_DEPTH }) {
    this.#index = index;
    this.#store = store;
    this.#size = size;
  }

  start(packed: number): void {
    this.#packed = packed;
  }

  /** Whether the next page is full, and deep enough. */
  get due(): boolean {
    return this.#index.tip.height - this.#size.depth - this.#packed >= this.#size.records;
  }

  /** Writes the next page in place of its records, as one batch. Rejects with StoreError; then nothing changed. */
  async packNext(): Promise<void> {
    const entries: IndexEntry[] = [];
    for (let height = this.#packed + 1; height <= this.#packed + this.#size.records; height++) {
      const entry = this.#index.getActive(height);
      if (entry === undefined) throw new Error(`there is no block ${height} to pack`);
      entries.push(entry);
    }
    const records = await recordsOf(this.#index, this.#store, entries);
    if (records.length < entries.length) throw new Error(`a header of the blocks from ${this.#packed + 1} on cannot be read`);
    await this.#store.write([{ op: 'index-page', records }]);
    this.#packed += entries.length;
  }
}
