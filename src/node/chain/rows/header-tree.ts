import { anchorFor, dueTime } from '../../consensus/difficulty.ts';
import { MEDIAN_TIME_SPAN } from '../../consensus/limits.ts';
import type { NetworkParams } from '../../consensus/params.ts';
import { blockWork } from '../../consensus/target.ts';
import type { HashHex } from '../../../shared/blocks.ts';
import { HASH_BYTES } from '../../util/bytes.ts';
import { HashLookup } from './hash-lookup.ts';
import {
  ANCHOR_HEIGHT,
  ANCHOR_PARENT_TIME,
  BITS,
  type Chunk,
  FIRST_CHILD,
  HASH,
  HEIGHT,
  INVALID,
  JUMP,
  NEXT_SIBLING,
  NO_ROW,
  PARENT,
  Rows,
  TIME,
  WORK_HIGH,
  WORK_LOW,
} from './rows.ts';

const TWO_32 = 2 ** 32;
const MAX_64_BITS = 2n ** 64n - 1n;
const HASH_WORDS = HASH_BYTES / 4;

/** Offsets in an encoded header (primitives/header.ts). */
const HEADER_TIME = 68;
const HEADER_BITS = 72;

/** Where a header (80 bytes) and its hash (32 bytes, internal order) lie in one buffer. */
export interface HeaderSource {
  readonly view: DataView;
  readonly headerAt: number;
  readonly hashAt: number;
}

/**
 * The headers this node knows, as a tree of rows: who stands on whom, since when, with how much work. Nothing here makes an object
 * for a header. The first row is the genesis block's.
 */
export class HeaderTree {
  readonly rows = new Rows();
  readonly #params: NetworkParams;
  readonly #lookup: HashLookup;
  /** Chainwork that needs more than 64 bits; a network of computers at home does not get there in a century. */
  readonly #large = new Map<number, bigint>();
  /** What `blockWork` last said: bits seldom change from one block to the next. */
  #work = { bits: NaN, value: 0n, low: 0, high: 0 };
  /** Words of a hash that is looked up, as text or as bytes. */
  readonly #key = new Int32Array(HASH_WORDS);
  readonly #text = Buffer.alloc(HASH_BYTES);

  constructor(params: NetworkParams, random?: Int32Array) {
    this.#params = params;
    this.#lookup = new HashLookup(this.rows, random);
  }

  /** The first row. */
  plant(source: HeaderSource): number {
    const row = this.rows.allocate();
    const chunk = this.rows.chunk(row);
    const base = this.rows.base(row);
    const time = source.view.getUint32(source.headerAt + HEADER_TIME, true);
    const anchor = anchorFor(this.#params, { height: 0, times: [time] }, undefined);
    this.#fillHeader(chunk, base, source);
    chunk.words[base + ANCHOR_HEIGHT] = anchor.anchorHeight;
    chunk.unsigned[base + ANCHOR_PARENT_TIME] = anchor.anchorParentTime;
    this.setChainwork(row, blockWork(source.view.getUint32(source.headerAt + HEADER_BITS, true)));
    this.#lookup.add(row);
    return row;
  }

  /** Back to the first row alone. */
  clear(): void {
    this.rows.keepFirst();
    this.#large.clear();
    this.#lookup.clear();
    this.#lookup.add(0);
    this.rows.set(0, FIRST_CHILD, NO_ROW);
  }

  /** The row of a hash as people see it; NO_ROW when there is none, or when it is no hash. */
  find(hash: HashHex): number {
    return this.#readHash(hash) ? this.#lookup.find(this.#key, 0) : NO_ROW;
  }

  /** The row of a hash of 32 bytes in internal order, or NO_ROW. */
  findInternal(hash: Uint8Array): number {
    for (let word = 0, at = 0; word < HASH_WORDS; word++, at += 4) {
      this.#key[word] = (hash[at] as number) | ((hash[at + 1] as number) << 8) | ((hash[at + 2] as number) << 16) | ((hash[at + 3] as number) << 24);
    }
    return this.#lookup.find(this.#key, 0);
  }

  /** Whether the hash at `at`, internal order, is that of `row`. */
  hasHash(row: number, view: DataView, at: number): boolean {
    for (let i = 0; i < HASH_WORDS; i++) this.#key[i] = view.getInt32(at + 4 * i, true);
    return this.rows.hasHash(row, this.#key, 0);
  }

  #readHash(hash: HashHex): boolean {
    if (hash.length !== 2 * HASH_BYTES) return false;
    for (let word = 0; word < HASH_WORDS; word++) {
      let value = 0;
      const from = 8 * (HASH_WORDS - 1 - word);
      for (let i = from; i < from + 8; i++) {
        const code = hash.charCodeAt(i);
        const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
        if (digit < 0) return false;
        value = (value << 4) | digit;
      }
      this.#key[word] = value;
    }
    return true;
  }

  /** Node's own conversion makes a flat string at once, which is hashed and compared sooner than a joined one. */
  hashText(chunk: Chunk, base: number): HashHex {
    for (let word = 0; word < HASH_WORDS; word++) {
      this.#text.writeInt32BE(chunk.words[base + HASH + word] as number, 4 * (HASH_WORDS - 1 - word));
    }
    return this.#text.toString('hex');
  }

  /** A new leaf. Returns NO_ROW when its hash is in the tree already. */
  insert(source: HeaderSource, parent: number): number {
    const { rows } = this;
    const row = rows.allocate();
    this.fill(rows.chunk(row), rows.base(row), source, parent);
    if (this.#lookup.add(row) !== NO_ROW) {
      this.#release(row);
      return NO_ROW;
    }
    this.#hang(row, parent);
    return row;
  }

  /** The same without a look whether its hash is there. Nothing is found by hash until `enterAll` was called. */
  append(source: HeaderSource, parent: number): number {
    const row = this.rows.allocate();
    this.fill(this.rows.chunk(row), this.rows.base(row), source, parent);
    this.#hang(row, parent);
    this.#lookup.note(row);
    return row;
  }

  /** Ends a series of `append` to the first row. False when a hash came twice; then only `clear` may follow. `turn`: see HashLookup. */
  enterAll(turn: () => Promise<void>): Promise<boolean> {
    this.#lookup.note(0);
    return this.#lookup.fill(turn);
  }

  #hang(row: number, parent: number): void {
    const { rows } = this;
    this.#keepLarge(row, parent);
    rows.set(row, NEXT_SIBLING, rows.word(parent, FIRST_CHILD));
    rows.set(parent, FIRST_CHILD, row);
    if (rows.flag(parent, INVALID)) rows.setFlag(row, INVALID, true);
  }

  /** Takes a leaf out. */
  remove(row: number): void {
    const { rows } = this;
    const parent = rows.word(row, PARENT);
    const next = rows.word(row, NEXT_SIBLING);
    if (rows.word(parent, FIRST_CHILD) === row) rows.set(parent, FIRST_CHILD, next);
    else for (const child of this.children(parent)) if (rows.word(child, NEXT_SIBLING) === row) rows.set(child, NEXT_SIBLING, next);
    this.#lookup.delete(row);
    this.#release(row);
  }

  #release(row: number): void {
    this.#large.delete(row);
    this.rows.free(row);
  }

  *children(row: number): Generator<number> {
    for (let child = this.rows.word(row, FIRST_CHILD); child !== NO_ROW; child = this.rows.word(child, NEXT_SIBLING)) yield child;
  }

  /** Everything about a child of `parent` that follows from its header, into an empty row of any chunk. */
  fill(chunk: Chunk, base: number, source: HeaderSource, parent: number): void {
    const { rows } = this;
    const below = rows.chunk(parent);
    const at = rows.base(parent);
    this.#fillHeader(chunk, base, source);
    chunk.words[base + PARENT] = parent;
    chunk.words[base + JUMP] = this.#jumpOf(parent);
    chunk.words[base + HEIGHT] = (below.words[at + HEIGHT] as number) + 1;
    this.#fillWork(chunk, base, parent);
    this.#fillAnchor(chunk, base, parent);
  }

  #fillHeader(chunk: Chunk, base: number, { view, headerAt, hashAt }: HeaderSource): void {
    for (let i = 0; i < HASH_WORDS; i++) chunk.words[base + HASH + i] = view.getInt32(hashAt + 4 * i, true);
    chunk.words[base + TIME] = view.getInt32(headerAt + HEADER_TIME, true);
    chunk.words[base + BITS] = view.getInt32(headerAt + HEADER_BITS, true);
  }

  /**
   * `jump` skips ancestors so that any ancestor is found in a logarithmic number of steps (the jump pointers of Myers' skew-binary
   * lists, 1983): two equal jumps in a row merge into one of double length; otherwise the jump is to the parent.
   */
  #jumpOf(parent: number): number {
    const { rows } = this;
    const near = rows.word(parent, JUMP);
    if (near === NO_ROW) return parent;
    const far = rows.word(near, JUMP);
    if (far === NO_ROW) return parent;
    const height = rows.word(near, HEIGHT);
    return rows.word(parent, HEIGHT) - height === height - rows.word(far, HEIGHT) ? far : parent;
  }

  /** As `anchorFor` gives it. Most blocks, or one not far below them, are in time: then it is the parent's, and no list is made. */
  #fillAnchor(chunk: Chunk, base: number, parent: number): void {
    const { rows } = this;
    const anchorHeight = rows.word(parent, ANCHOR_HEIGHT);
    const anchorParentTime = rows.unsigned(parent, ANCHOR_PARENT_TIME);
    const { spacing } = this.#params;
    const time = chunk.unsigned[base + TIME] as number;
    const height = chunk.words[base + HEIGHT] as number;
    chunk.words[base + ANCHOR_HEIGHT] = anchorHeight;
    chunk.unsigned[base + ANCHOR_PARENT_TIME] = anchorParentTime;
    // `dueTime`, without an object: a million times when a node opens.
    if (time <= anchorParentTime + spacing * (height - anchorHeight + 1)) return;
    const anchor = { anchorHeight, anchorParentTime };
    for (let i = 1, at = parent; i < MEDIAN_TIME_SPAN && at !== NO_ROW; i++, at = rows.word(at, PARENT)) {
      if (rows.unsigned(at, TIME) <= dueTime(this.#params, anchor, rows.word(at, HEIGHT))) return;
    }
    const times = this.lastTimes(parent, MEDIAN_TIME_SPAN - 1);
    times.push(time);
    const moved = anchorFor(this.#params, { height, times }, anchor);
    chunk.words[base + ANCHOR_HEIGHT] = moved.anchorHeight;
    chunk.unsigned[base + ANCHOR_PARENT_TIME] = moved.anchorParentTime;
  }

  #workOf(bits: number): { value: bigint; low: number; high: number } {
    if (bits !== this.#work.bits) {
      const value = blockWork(bits);
      // A high word that does not fit makes the sum not fit either.
      const high = value > MAX_64_BITS ? Infinity : Number(value >> 32n);
      this.#work = { bits, value, low: Number(BigInt.asUintN(32, value)), high };
    }
    return this.#work;
  }

  #fillWork(chunk: Chunk, base: number, parent: number): void {
    const { rows } = this;
    const work = this.#workOf(chunk.unsigned[base + BITS] as number);
    const low = rows.unsigned(parent, WORK_LOW) + work.low;
    const high = rows.unsigned(parent, WORK_HIGH) + work.high + (low >= TWO_32 ? 1 : 0);
    // All ones say that the sum is kept elsewhere; so does what overflows.
    chunk.unsigned[base + WORK_LOW] = high < TWO_32 ? low % TWO_32 : TWO_32 - 1;
    chunk.unsigned[base + WORK_HIGH] = Math.min(high, TWO_32 - 1);
  }

  #keepLarge(row: number, parent: number): void {
    if (this.#isLarge(row)) this.#large.set(row, this.chainwork(parent) + blockWork(this.rows.unsigned(row, BITS)));
  }

  #isLarge(row: number): boolean {
    return this.rows.word(row, WORK_HIGH) === -1;
  }

  setChainwork(row: number, value: bigint): void {
    const large = value > MAX_64_BITS;
    this.rows.set(row, WORK_LOW, large ? -1 : Number(BigInt.asIntN(32, value)));
    this.rows.set(row, WORK_HIGH, large ? -1 : Number(BigInt.asIntN(32, value >> 32n)));
    if (this.#isLarge(row)) this.#large.set(row, value);
  }

  /** Expected hashes up to and including this block. */
  chainwork(row: number): bigint {
    const { rows } = this;
    if (this.#isLarge(row)) return this.#large.get(row) ?? 0n;
    return (BigInt(rows.unsigned(row, WORK_HIGH)) << 32n) | BigInt(rows.unsigned(row, WORK_LOW));
  }

  /** Chainwork of a child of `parent`. */
  workAbove(parent: number, bits: number): bigint {
    return this.chainwork(parent) + this.#workOf(bits).value;
  }

  /** Below 0 when `a` has less chainwork than `b`, 0 when it has the same. */
  compareWork(a: number, b: number): number {
    const { rows } = this;
    const high = rows.unsigned(a, WORK_HIGH) - rows.unsigned(b, WORK_HIGH);
    if (high !== 0) return high;
    if (!this.#isLarge(a)) return rows.unsigned(a, WORK_LOW) - rows.unsigned(b, WORK_LOW);
    const [one, other] = [this.chainwork(a), this.chainwork(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  }

  /** Ancestor at `height`, itself when equal; NO_ROW above it or below 0. */
  ancestorAt(row: number, height: number): number {
    const { rows } = this;
    if (!Number.isInteger(height) || height < 0 || height > rows.word(row, HEIGHT)) return NO_ROW;
    let at = row;
    while (rows.word(at, HEIGHT) > height) {
      const jump = rows.word(at, JUMP);
      at = jump !== NO_ROW && rows.word(jump, HEIGHT) >= height ? jump : rows.word(at, PARENT);
    }
    return at;
  }

  /** The highest ancestor (or itself) for which `test` holds, when it holds for all below that one; NO_ROW when for none. */
  highestAncestor(row: number, test: (row: number) => boolean): number {
    let at = row;
    while (at !== NO_ROW && !test(at)) {
      const jump = this.rows.word(at, JUMP);
      at = jump !== NO_ROW && !test(jump) ? jump : this.rows.word(at, PARENT);
    }
    return at;
  }

  /** Times of a block and its ancestors, oldest first, at most `count`. */
  lastTimes(row: number, count: number): number[] {
    const { rows } = this;
    const times: number[] = [];
    for (let at = row; at !== NO_ROW && times.length < count; ) {
      // Each block once: this runs for every header that comes in.
      const chunk = rows.chunk(at);
      const base = rows.base(at);
      times.push(chunk.unsigned[base + TIME] as number);
      at = chunk.words[base + PARENT] as number;
    }
    return times.reverse();
  }

  /** A row and everything above it, parents first. */
  subtree(row: number): number[] {
    const all: number[] = [];
    const stack = [row];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      all.push(at);
      for (const child of this.children(at)) stack.push(child);
    }
    return all;
  }
}
