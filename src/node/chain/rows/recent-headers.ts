import { HEADER_BYTES } from '../../primitives/header.ts';
import { RECENT_HEADERS } from '../limits.ts';
import { NO_ROW } from './rows.ts';

const FIRST_SLOTS = 64;

/**
 * Encoded headers by row: all that are not in the store yet, and the last of those that are. The others are read from the store when
 * somebody asks (header-reader.ts), which saves 40 bytes a block.
 */
export class RecentHeaders {
  #bytes = new Uint8Array(FIRST_SLOTS * HEADER_BYTES);
  #begun = 0;
  #free: number[] = [];
  readonly #unstored = new Map<number, number>();
  readonly #stored = new Map<number, number>();
  /** Rows in the order in which they were stored, round and round; not the order of the Map, whose first key takes longer the more were deleted. */
  readonly #order: Int32Array;
  #next = 0;

  constructor(limit: number = RECENT_HEADERS) {
    this.#order = new Int32Array(limit).fill(NO_ROW);
  }

  get size(): number {
    return this.#unstored.size + this.#stored.size;
  }

  clear(): void {
    this.#unstored.clear();
    this.#stored.clear();
    this.#order.fill(NO_ROW);
    this.#free = [];
    this.#begun = 0;
  }

  /** Keeps the 80 bytes at `at` for a row that has none yet. */
  put(row: number, source: Uint8Array, at: number, stored: boolean): void {
    const slot = this.#free.pop() ?? this.#begun++;
    if ((slot + 1) * HEADER_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(source.subarray(at, at + HEADER_BYTES), slot * HEADER_BYTES);
    if (stored) this.#keep(row, slot);
    else this.#unstored.set(row, slot);
  }

  /** The header of this row is in the store from now on. */
  persist(row: number): void {
    const slot = this.#unstored.get(row);
    if (slot === undefined) return;
    this.#unstored.delete(row);
    this.#keep(row, slot);
  }

  #keep(row: number, slot: number): void {
    const oldest = this.#order[this.#next] as number;
    if (this.#stored.has(oldest)) this.delete(oldest);
    this.#order[this.#next] = row;
    this.#next = (this.#next + 1) % this.#order.length;
    this.#stored.set(row, slot);
  }

  /** A copy. */
  get(row: number): Uint8Array | undefined {
    const slot = this.#unstored.get(row) ?? this.#stored.get(row);
    return slot === undefined ? undefined : this.#bytes.slice(slot * HEADER_BYTES, (slot + 1) * HEADER_BYTES);
  }

  /** Whether `bytes` begin with the header of this row; false when it is not in memory. */
  matches(row: number, bytes: Uint8Array): boolean {
    const slot = this.#unstored.get(row) ?? this.#stored.get(row);
    if (slot === undefined || bytes.length < HEADER_BYTES) return false;
    const at = slot * HEADER_BYTES;
    for (let i = 0; i < HEADER_BYTES; i++) if (this.#bytes[at + i] !== bytes[i]) return false;
    return true;
  }

  delete(row: number): void {
    const slot = this.#unstored.get(row) ?? this.#stored.get(row);
    if (slot === undefined) return;
    this.#unstored.delete(row);
    this.#stored.delete(row);
    this.#free.push(slot);
  }
}
