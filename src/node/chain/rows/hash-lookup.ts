import { randomFillSync } from 'node:crypto';
import { MAX_PROBES } from '../limits.ts';
import { NO_ROW, type Rows } from './rows.ts';

/** The table is split, so that the one that grows is small: no insertion holds up the event loop. */
const SHARDS = 64;
const SHARD_BITS = 6;
const FIRST_SLOTS = 16;
/** Bytes of a hash that are looked at, and the values of each. */
const KEY_BYTES = 8;
const VALUES = 256;
const EMPTY = 0;

/**
 * From a hash to its row: tables with open addressing and linear probing that hold row numbers and nothing else, 5 to 11 bytes a row.
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
  }

  /** The row with the hash whose 8 words begin at `from`, or NO_ROW. */
  find(words: Int32Array, from: number): number {
    const place = this.#place(words, from);
    const shard = this.#shards[place >>> (32 - SHARD_BITS)] as Int32Array;
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
    const number = place >>> (32 - SHARD_BITS);
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
    if (4 * count > 3 * shard.length || (probes > MAX_PROBES && 8 * count > shard.length)) this.#grow(number);
    return NO_ROW;
  }

  /** Takes a row out; what was pushed on by it moves back, so that no marks of removed rows stay. */
  delete(row: number): void {
    const place = this.#place(this.#rows.chunk(row).words, this.#rows.base(row));
    const number = place >>> (32 - SHARD_BITS);
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

function randomNumbers(): Int32Array {
  return randomFillSync(new Int32Array(KEY_BYTES * VALUES));
}
