import { randomFillSync } from 'node:crypto';
import { MAX_PROBES } from '../limits.ts';
import { NO_ROW, type Rows } from './rows.ts';

/** The table is split, so that the one that grows is small: no insertion holds up the event loop. */
const SHARDS = 64;
/** The highest bits of a place say which table. */
const SHARD_SHIFT = 26;
/** Tables filled between two turns of the event loop. */
const SHARDS_PER_TURN = 8;
const FIRST_SLOTS = 16;
/** Bytes of a hash that are looked at, and the values of each. */
const KEY_BYTES = 8;
const VALUES = 256;
const EMPTY = 0;

/**
 * From a hash to its row: tables with open addressing and linear probing that hold row numbers and nothing else, 6 to 12 bytes a row.
 *
 * Where a hash goes is decided by its first 8 bytes in internal order. Proof of work does not touch those (its zeros are at the other
 * end), but whoever mines can choose among hashes, on an easy network among millions a second, and would choose those that fall
 * together. So each byte picks a random number of this process, and the place is all of them xored (tabulation hashing): without
 * knowing the numbers nobody can make hashes collide more often than by chance, and linear probing then takes a constant number of
 * steps on average (Pătraşcu and Thorup, "The power of simple tabulation hashing", 2012). Should a run grow beyond MAX_PROBES all
 * the same, its table is doubled.
 */
export class HashLookup {
  readonly #rows: Rows;
  readonly #random: Int32Array;
  #shards: Int32Array[] = [];
  #counts: number[] = [];
  #noted = nothingNoted();

  /** `random` are KEY_BYTES times 256 numbers that nobody outside knows. */
  constructor(rows: Rows, random: Int32Array = randomNumbers()) {
    if (random.length !== KEY_BYTES * VALUES) throw new RangeError(`a lookup takes ${KEY_BYTES * VALUES} random numbers, not ${random.length}`);
    this.#rows = rows;
    this.#random = random;
    this.clear();
  }

  clear(): void {
    this.#shards = Array.from({ length: SHARDS }, () => new Int32Array(FIRST_SLOTS));
    this.#counts = new Array<number>(SHARDS).fill(0);
    this.#noted = nothingNoted();
  }

  /** The row with the hash whose 8 words begin at `from`, or NO_ROW. */
  find(words: Int32Array, from: number): number {
    const place = this.#place(words, from);
    const shard = this.#shards[place >>> SHARD_SHIFT] as Int32Array;
    const mask = shard.length - 1;
    for (let at = place & mask; ; at = (at + 1) & mask) {
      const slot = shard[at] as number;
      if (slot === EMPTY) return NO_ROW;
      if (this.#rows.hasHash(slot - 1, words, from)) return slot - 1;
    }
  }

  /** Enters a row under its hash, unless another row has it: then that one is returned, and NO_ROW otherwise. */
  add(row: number): number {
    const { words } = this.#rows.chunk(row);
    const from = this.#rows.base(row);
    const place = this.#place(words, from);
    const number = place >>> SHARD_SHIFT;
    const shard = this.#shards[number] as Int32Array;
    const mask = shard.length - 1;
    let at = place & mask;
    let probes = 1;
    for (; shard[at] !== EMPTY; at = (at + 1) & mask, probes++) {
      const other = (shard[at] as number) - 1;
      if (this.#rows.hasHash(other, words, from)) return other;
    }
    shard[at] = row + 1;
    const count = (this.#counts[number] as number) + 1;
    this.#counts[number] = count;
    // A table that is nearly empty and has long runs all the same would not gain from more room.
    if (isFull(count, shard.length) || (probes > MAX_PROBES && 8 * count > shard.length)) this.#grow(number);
    return NO_ROW;
  }

  /** Notes a row for `fill`. */
  note(row: number): void {
    const noted = this.#noted;
    if (noted.count === noted.rows.length) {
      noted.rows = larger(noted.rows);
      noted.places = larger(noted.places);
    }
    noted.rows[noted.count] = row;
    noted.places[noted.count++] = this.#place(this.#rows.chunk(row).words, this.#rows.base(row));
  }

  /**
   * Enters all noted rows into tables that have no others. False when two of them have the same hash; then only `clear` may follow.
   * They are sorted by table first, so that each table is filled while it fits into the processor's cache: a tenth of the time of as many
   * calls of `add`. `turn` is awaited between parts of the work.
   */
  async fill(turn: () => Promise<void>): Promise<boolean> {
    const { rows, places, count } = this.#noted;
    this.#noted = nothingNoted();
    const ends = new Int32Array(SHARDS);
    for (let i = 0; i < count; i++) {
      const number = (places[i] as number) >>> SHARD_SHIFT;
      ends[number] = (ends[number] as number) + 1;
    }
    this.#counts = [...ends];
    for (let number = 1; number < SHARDS; number++) ends[number] = (ends[number] as number) + (ends[number - 1] as number);
    const sorted = new Int32Array(count);
    const next = ends.slice();
    for (let i = count - 1; i >= 0; i--) {
      const number = (places[i] as number) >>> SHARD_SHIFT;
      const at = (next[number] as number) - 1;
      next[number] = at;
      sorted[at] = i;
    }
    for (let number = 0, from = 0; number < SHARDS; from = ends[number++] as number) {
      if (number % SHARDS_PER_TURN === 0) await turn();
      if (!this.#fillShard(number, sorted.subarray(from, ends[number]), rows, places)) return false;
    }
    return true;
  }

  /** `sorted`: numbers of what was noted, as `rows` and `places` have it. */
  #fillShard(number: number, sorted: Int32Array, rows: Int32Array, places: Int32Array): boolean {
    let slots = FIRST_SLOTS;
    while (isFull(sorted.length, slots)) slots *= 2;
    const shard = new Int32Array(slots);
    const mask = slots - 1;
    for (const i of sorted) {
      const place = places[i] as number;
      const row = rows[i] as number;
      let at = place & mask;
      for (; shard[at] !== EMPTY; at = (at + 1) & mask) {
        const other = (shard[at] as number) - 1;
        // The place first, which is at hand: the same hash has the same one.
        if (places[other] === place && this.#rows.hasHash(rows[other] as number, this.#rows.chunk(row).words, this.#rows.base(row))) return false;
      }
      shard[at] = i + 1;
    }
    for (let at = 0; at < slots; at++) if (shard[at] !== EMPTY) shard[at] = (rows[(shard[at] as number) - 1] as number) + 1;
    this.#shards[number] = shard;
    return true;
  }

  /** Takes a row out; what was pushed on by it moves back, so that no marks of removed rows stay. */
  delete(row: number): void {
    const place = this.#place(this.#rows.chunk(row).words, this.#rows.base(row));
    const number = place >>> SHARD_SHIFT;
    const shard = this.#shards[number] as Int32Array;
    const mask = shard.length - 1;
    let hole = place & mask;
    while (shard[hole] !== row + 1) {
      if (shard[hole] === EMPTY) return;
      hole = (hole + 1) & mask;
    }
    this.#counts[number] = (this.#counts[number] as number) - 1;
    for (let at = (hole + 1) & mask; shard[at] !== EMPTY; at = (at + 1) & mask) {
      const other = (shard[at] as number) - 1;
      const home = this.#place(this.#rows.chunk(other).words, this.#rows.base(other)) & mask;
      // It may move when its home is not behind the hole.
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      shard[hole] = other + 1;
      hole = at;
    }
    shard[hole] = EMPTY;
  }

  /** Slots of all tables, for measurements. */
  get slots(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.length, 0);
  }

  #grow(number: number): void {
    const old = this.#shards[number] as Int32Array;
    const shard = new Int32Array(2 * old.length);
    const mask = shard.length - 1;
    for (const slot of old) {
      if (slot === EMPTY) continue;
      let at = this.#place(this.#rows.chunk(slot - 1).words, this.#rows.base(slot - 1)) & mask;
      while (shard[at] !== EMPTY) at = (at + 1) & mask;
      shard[at] = slot;
    }
    this.#shards[number] = shard;
  }

  /** The highest bits say which shard, the lowest ones where in it. */
  #place(words: Int32Array, from: number): number {
    const random = this.#random;
    const low = words[from] as number;
    const high = words[from + 1] as number;
    return (
      (random[low & 255] as number) ^
      (random[256 + ((low >>> 8) & 255)] as number) ^
      (random[512 + ((low >>> 16) & 255)] as number) ^
      (random[768 + (low >>> 24)] as number) ^
      (random[1024 + (high & 255)] as number) ^
      (random[1280 + ((high >>> 8) & 255)] as number) ^
      (random[1536 + ((high >>> 16) & 255)] as number) ^
      (random[1792 + (high >>> 24)] as number)
    );
  }
}

/** Rows, and where their hashes go. */
function nothingNoted(): { rows: Int32Array; places: Int32Array; count: number } {
  return { rows: new Int32Array(FIRST_SLOTS), places: new Int32Array(FIRST_SLOTS), count: 0 };
}

function larger(words: Int32Array): Int32Array {
  const copy = new Int32Array(2 * words.length);
  copy.set(words);
  return copy;
}

/** Two thirds: with more, a search for a hash that is not there takes long; less is wasted memory. */
function isFull(rows: number, slots: number): boolean {
  return 3 * rows > 2 * slots;
}

function randomNumbers(): Int32Array {
  return randomFillSync(new Int32Array(KEY_BYTES * VALUES));
}
