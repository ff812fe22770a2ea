/**
 * Memory of the header tree: one row of 100 bytes for each header, numbered, in chunks of typed arrays. The garbage collector sees a
 * few hundred arrays instead of a million objects, nothing is copied when the tree grows, and a field is two reads away.
 */

/** The row of nothing: above the genesis block there is no parent. */
export const NO_ROW = -1;

/** Words of 4 bytes of a row. The hash is 8 of them, internal order, each little-endian; rows are row numbers or NO_ROW. */
export const HASH = 0;
export const PARENT = 8;
/** An ancestor far below: see `jumpOf` in header-tree.ts. */
export const JUMP = 9;
/** Children hang in a list threaded through the rows. */
export const FIRST_CHILD = 10;
export const NEXT_SIBLING = 11;
export const HEIGHT = 12;
/** Unsigned: seconds since 1970, compact target. */
export const TIME = 13;
export const BITS = 14;
export const ANCHOR_HEIGHT = 15;
export const ANCHOR_PARENT_TIME = 16;
/** Chainwork, as far as 64 bits reach (header-tree.ts keeps what is larger). */
export const WORK_LOW = 17;
export const WORK_HIGH = 18;
export const SEQUENCE_LOW = 19;
export const SIZE = 20;
export const TRANSACTIONS = 21;
export const RECEIVED_LOW = 22;
/** From the lowest bit: 8 flags, 12 bits more of the time of arrival, 12 bits more of the sequence. */
export const STATE = 23;
/** A 32-bit float, NaN when there is none. */
export const CHECK_MS = 24;

const ROW_WORDS = 25;
export const ROW_BYTES = 4 * ROW_WORDS;
const HASH_WORDS = 8;

export const HAS_BLOCK = 1;
export const INVALID = 2;
/** The body and those of all ancestors are stored, or were when this block was connected. */
export const LINKED = 4;
/** An index record of it is in the store. */
export const PERSISTED = 8;
/** Two bits: 0 from disk or unknown, then as below. */
const ORIGIN = 0x30;
export const FROM_PEER = 0x10;
export const MINED = 0x20;
export const GENESIS = 0x30;
/** The row is part of the tree. */
export const LIVE = 0x40;

/** Times and sequences are cut to this: 44 bits of milliseconds reach beyond the year 2500. */
const MAX_44_BITS = 2 ** 44 - 1;
const TWO_32 = 2 ** 32;

/** 2^12 rows, 400 kB: small against a long chain, and a small chain takes no more. */
const CHUNK_SHIFT = 12;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_ROWS - 1;

/** The same memory as signed, unsigned and floating-point words. */
export class Chunk {
  readonly words: Int32Array;
  readonly unsigned: Uint32Array;
  readonly floats: Float32Array;

  constructor(rows: number) {
    const buffer = new ArrayBuffer(rows * ROW_BYTES);
    this.words = new Int32Array(buffer);
    this.unsigned = new Uint32Array(buffer);
    this.floats = new Float32Array(buffer);
  }

  /** Makes the row at word `base` an empty one. */
  clear(base: number): void {
    this.words.fill(0, base, base + ROW_WORDS);
    this.words.fill(NO_ROW, base + PARENT, base + HEIGHT);
    this.floats[base + CHECK_MS] = NaN;
  }

  /** Copies one row of another chunk. */
  copy(base: number, from: Chunk, fromBase: number): void {
    this.words.set(from.words.subarray(fromBase, fromBase + ROW_WORDS), base);
  }

  flag(base: number, flag: number): boolean {
    return ((this.words[base + STATE] as number) & flag) !== 0;
  }

  setFlag(base: number, flag: number, on: boolean): void {
    const state = this.words[base + STATE] as number;
    this.words[base + STATE] = on ? state | flag : state & ~flag;
  }

  origin(base: number): number {
    return (this.words[base + STATE] as number) & ORIGIN;
  }

  setOrigin(base: number, origin: number): void {
    this.words[base + STATE] = ((this.words[base + STATE] as number) & ~ORIGIN) | origin;
  }

  /** Milliseconds since 1970. */
  received(base: number): number {
    return (((this.unsigned[base + STATE] as number) >>> 8) & 0xfff) * TWO_32 + (this.unsigned[base + RECEIVED_LOW] as number);
  }

  setReceived(base: number, value: number): void {
    const ms = cut(value);
    this.unsigned[base + RECEIVED_LOW] = ms % TWO_32;
    this.words[base + STATE] = ((this.words[base + STATE] as number) & ~0xf_ff00) | (Math.floor(ms / TWO_32) << 8);
  }

  sequence(base: number): number {
    return ((this.unsigned[base + STATE] as number) >>> 20) * TWO_32 + (this.unsigned[base + SEQUENCE_LOW] as number);
  }

  setSequence(base: number, value: number): void {
    const sequence = cut(value);
    this.unsigned[base + SEQUENCE_LOW] = sequence % TWO_32;
    this.words[base + STATE] = ((this.words[base + STATE] as number) & 0xf_ffff) | (Math.floor(sequence / TWO_32) << 20);
  }
}

function cut(value: number): number {
  return Math.min(MAX_44_BITS, Math.max(0, Math.floor(value)));
}

/** All rows. A row that was freed is given out again before a new one is begun. */
export class Rows {
  #chunks: Chunk[] = [];
  #free: number[] = [];
  #begun = 0;

  /** Rows of the tree. */
  get size(): number {
    return this.#begun - this.#free.length;
  }

  /** Numbers given out so far: every row is below it. */
  get end(): number {
    return this.#begun;
  }

  /** An empty row that is live. */
  allocate(): number {
    let row = this.#free.pop();
    if (row === undefined) {
      row = this.#begun++;
      if (row >> CHUNK_SHIFT === this.#chunks.length) this.#chunks.push(new Chunk(CHUNK_ROWS));
    }
    const chunk = this.chunk(row);
    const base = this.base(row);
    chunk.clear(base);
    chunk.words[base + STATE] = LIVE;
    return row;
  }

  free(row: number): void {
    this.chunk(row).setFlag(this.base(row), LIVE, false);
    this.#free.push(row);
  }

  /** All rows but the first one are gone. */
  keepFirst(): void {
    this.#chunks.length = Math.min(1, this.#chunks.length);
    this.#free = [];
    this.#begun = Math.min(1, this.#begun);
  }

  chunk(row: number): Chunk {
    return this.#chunks[row >> CHUNK_SHIFT] as Chunk;
  }

  /** The first word of a row in its chunk. */
  base(row: number): number {
    return (row & CHUNK_MASK) * ROW_WORDS;
  }

  word(row: number, field: number): number {
    return this.chunk(row).words[this.base(row) + field] as number;
  }

  unsigned(row: number, field: number): number {
    return this.chunk(row).unsigned[this.base(row) + field] as number;
  }

  set(row: number, field: number, value: number): void {
    this.chunk(row).words[this.base(row) + field] = value;
  }

  flag(row: number, flag: number): boolean {
    return this.chunk(row).flag(this.base(row), flag);
  }

  setFlag(row: number, flag: number, on: boolean): void {
    this.chunk(row).setFlag(this.base(row), flag, on);
  }

  /** Whether a row has the hash that begins at word `from` of `words`. */
  hasHash(row: number, words: Int32Array, from: number): boolean {
    const own = this.chunk(row).words;
    const base = this.base(row) + HASH;
    for (let i = 0; i < HASH_WORDS; i++) if (own[base + i] !== words[from + i]) return false;
    return true;
  }
}
