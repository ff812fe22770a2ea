import { NO_ROW } from './rows.ts';

const FIRST_HEIGHTS = 1_024;

/** The active chain: its row at each height. Grows by an eighth, so that little of it lies idle. */
export class HeightMap {
  #rows = new Int32Array(FIRST_HEIGHTS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Heights that are new must be set before they are read. */
  set length(length: number) {
    if (length > this.#rows.length) {
      const larger = new Int32Array(Math.max(length, this.#rows.length + (this.#rows.length >> 3)));
      larger.set(this.#rows.subarray(0, this.#length));
      this.#rows = larger;
    }
    // Else what was cut off would still be found there while the new heights are set.
    if (length > this.#length) this.#rows.fill(NO_ROW, this.#length, length);
    this.#length = length;
  }

  /** NO_ROW where there is none. */
  at(height: number): number {
    return height >= 0 && height < this.#length ? (this.#rows[height] ?? NO_ROW) : NO_ROW;
  }

  set(height: number, row: number): void {
    this.#rows[height] = row;
  }

  push(row: number): void {
    this.length = this.#length + 1;
    this.set(this.#length - 1, row);
  }
}
