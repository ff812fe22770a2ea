import type { HashHex } from '../../shared/blocks.ts';
import { FIRST_FILTER_IDS, FILTER_BITS_PER_ID } from './limits.ts';

/** Probes an id: ln 2 times the bits an id (Bloom, 1970), rounded. */
const PROBES = 8;

/** One Bloom filter of a fixed size. Transaction ids are hashes already, so their own digits say where to look. */
class Layer {
  readonly #words: Uint32Array;
  readonly #bits: number;
  readonly #capacity: number;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bits = capacity * FILTER_BITS_PER_ID;
    this.#words = new Uint32Array(Math.ceil(this.#bits / 32));
  }

  get capacity(): number {
    return this.#capacity;
  }

  get full(): boolean {
    return this.#count >= this.#capacity;
  }

  add(first: number, step: number): void {
    for (let i = 0, at = first; i < PROBES; i++, at = (at + step) >>> 0) {
      const bit = at % this.#bits;
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31));
    }
    this.#count++;
  }

  has(first: number, step: number): boolean {
    for (let i = 0, at = first; i < PROBES; i++, at = (at + step) >>> 0) {
      const bit = at % this.#bits;
      if (((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/**
 * Which transactions are surely new: a Bloom filter of all ids that were ever written to the store, so that the rule against repeated
 * transactions costs no look-up on disk while a chain is fetched. It is sure only of what it saw: it knows everything when the store was
 * empty at the start, and nothing when it was not; then every id is looked up. "Perhaps known" is looked up as well, so no answer depends
 * on it. About 1.5 bytes an id.
 */
export class TransactionFilter {
  #layers: Layer[] = [];
  #complete = false;

  /** Begins anew. `empty`: nothing is in the store. */
  start(empty: boolean): void {
    this.#layers = [];
    this.#complete = empty;
  }

  /** A transaction that is about to be in the store. */
  add(id: HashHex): void {
    if (!this.#complete) return;
    let last = this.#layers.at(-1);
    if (last === undefined || last.full) {
      last = new Layer(last === undefined ? FIRST_FILTER_IDS : 2 * last.capacity);
      this.#layers.push(last);
    }
    last.add(word(id, 0), word(id, 8) | 1);
  }

  /** False when the store surely does not have it. */
  mayHave(id: HashHex): boolean {
    if (!this.#complete) return true;
    const first = word(id, 0);
    const step = word(id, 8) | 1;
    for (const layer of this.#layers) if (layer.has(first, step)) return true;
    return false;
  }
}

/** Eight hex digits as a number. */
function word(id: HashHex, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const code = id.charCodeAt(i);
    value = (value << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57);
  }
  return value >>> 0;
}
