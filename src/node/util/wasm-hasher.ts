import { checkForest, countRows, DIGEST_BYTES, ROW_BYTES, type Forest, type Hasher } from './hasher.ts';
import { HASHER_PAGES, MAX_WASM_FOREST, MAX_WASM_MESSAGE_BYTES, MAX_WASM_SINGLE_BYTES, WASM_BATCH_MESSAGES, WASM_BATCH_ROWS } from './limits.ts';
import { plainHash256, plainSha256, PlainHasher } from './plain-hasher.ts';
import { BATCH_LAYOUT, SCALAR_KERNEL, SIMD_KERNEL } from './sha256-module.ts';

/** See scripts/lib/batch-wat.mjs. All numbers are places in memory, or counts. */
interface BatchExports {
  memory: WebAssembly.Memory;
  rows80: (rows: number, out: number, count: number) => void;
  one: (message: number, blocks: number, out: number, twice: number) => void;
  many: (table: number, count: number) => void;
  forest: (trees: number, count: number, leaves: number, pairs: number, roots: number) => void;
}

const BLOCK_BYTES = 64;
/** The bit that ends a message, and the message's length in bits. */
const END_BYTES = 9;

/** Where things lie in the memory. A table of `many` has 12 words for four messages. */
const TABLE = BATCH_LAYOUT.data;
const HASHES = TABLE + 12 * WASM_BATCH_MESSAGES;
const MESSAGES = HASHES + DIGEST_BYTES * WASM_BATCH_MESSAGES;
const ROW_HASHES = BATCH_LAYOUT.data + ROW_BYTES * WASM_BATCH_ROWS;
const ONE_HASH = BATCH_LAYOUT.data;
const ONE_MESSAGE = ONE_HASH + DIGEST_BYTES;

/** What `forest` writes behind the leaves. */
const FOREST_SLACK = 128;

/** Blocks of a message of `length` bytes. */
const blocksOf = (length: number): number => (length + END_BYTES + BLOCK_BYTES - 1) >>> 6;
const MAX_BLOCKS = blocksOf(MAX_WASM_MESSAGE_BYTES);

/**
 * SHA-256 in WebAssembly, by the module that has the miner's kernel too. Long messages go to node:crypto, which has the processor's own
 * instructions for them and takes long only to be called. Nothing is kept between two calls.
 */
export class WasmHasher implements Hasher {
  readonly name: string;
  readonly #exports: BatchExports;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #plain = new PlainHasher();

  /** @throws WebAssembly.CompileError where there is no SIMD, ReferenceError where there is no WebAssembly */
  static simd(): WasmHasher {
    return new WasmHasher('wasm-simd', SIMD_KERNEL);
  }

  static scalar(): WasmHasher {
    return new WasmHasher('wasm', SCALAR_KERNEL);
  }

  private constructor(name: string, base64: string) {
    this.name = name;
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64'))).exports as unknown as BatchExports;
    const { memory } = this.#exports;
    memory.grow(HASHER_PAGES - 1);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }

  sha256(bytes: Uint8Array): Uint8Array {
    return bytes.length > MAX_WASM_SINGLE_BYTES ? plainSha256(bytes) : this.#one(bytes, 0);
  }

  hash256(bytes: Uint8Array): Uint8Array {
    return bytes.length > MAX_WASM_SINGLE_BYTES ? plainHash256(bytes) : this.#one(bytes, 1);
  }

  #one(bytes: Uint8Array, twice: 0 | 1): Uint8Array {
    const blocks = blocksOf(bytes.length);
    this.#place(ONE_MESSAGE, bytes, blocks);
    this.#exports.one(ONE_MESSAGE, blocks, ONE_HASH, twice);
    return this.#bytes.slice(ONE_HASH, ONE_HASH + DIGEST_BYTES);
  }

  /** Puts a message into memory, with what ends it. */
  #place(at: number, message: Uint8Array, blocks: number): void {
    const memory = this.#bytes;
    const end = at + message.length;
    const last = at + BLOCK_BYTES * blocks;
    memory.set(message, at);
    memory[end] = 0x80;
    memory.fill(0, end + 1, last - 4);
    const bits = 8 * message.length;
    memory[last - 4] = bits >>> 24;
    memory[last - 3] = bits >>> 16;
    memory[last - 2] = bits >>> 8;
    memory[last - 1] = bits;
  }

  hashRows(rows: Uint8Array): Uint8Array {
    const count = countRows(rows, ROW_BYTES);
    const hashes = new Uint8Array(DIGEST_BYTES * count);
    for (let from = 0; from < count; from += WASM_BATCH_ROWS) {
      const some = Math.min(WASM_BATCH_ROWS, count - from);
      this.#bytes.set(rows.subarray(ROW_BYTES * from, ROW_BYTES * (from + some)), BATCH_LAYOUT.data);
      this.#exports.rows80(BATCH_LAYOUT.data, ROW_HASHES, some);
      hashes.set(this.#bytes.subarray(ROW_HASHES, ROW_HASHES + DIGEST_BYTES * some), DIGEST_BYTES * from);
    }
    return hashes;
  }

  hashMany(messages: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(DIGEST_BYTES * messages.length);
    if (messages.length < 2) {
      for (const message of messages) hashes.set(this.hash256(message));
      return hashes;
    }
    for (let from = 0; from < messages.length; from += WASM_BATCH_MESSAGES) {
      this.#hashSome(messages, from, Math.min(from + WASM_BATCH_MESSAGES, messages.length), hashes);
    }
    return hashes;
  }

  #hashSome(messages: readonly Uint8Array[], from: number, to: number, hashes: Uint8Array): void {
    // Four messages of one length take the time of the longest, so they are put in order: by counting how many there are of each.
    const starts = new Int32Array(MAX_BLOCKS + 2);
    let short = 0;
    for (let i = from; i < to; i++) {
      const { length } = messages[i] as Uint8Array;
      if (length > MAX_WASM_MESSAGE_BYTES) continue;
      const next = blocksOf(length) + 1;
      starts[next] = (starts[next] as number) + 1;
      short++;
    }
    for (let blocks = 1; blocks < starts.length; blocks++) starts[blocks] = (starts[blocks] as number) + (starts[blocks - 1] as number);
    let free = MESSAGES;
    for (let i = from; i < to; i++) {
      const message = messages[i] as Uint8Array;
      if (message.length > MAX_WASM_MESSAGE_BYTES) continue;
      const blocks = blocksOf(message.length);
      const place = starts[blocks] as number;
      starts[blocks] = place + 1;
      this.#place(free, message, blocks);
      this.#enter(place, free, blocks, HASHES + DIGEST_BYTES * (i - from));
      free += BLOCK_BYTES * blocks;
    }
    for (let place = short; place % 4 !== 0; place++) this.#repeat(place);
    this.#exports.many(TABLE, short);
    hashes.set(this.#bytes.subarray(HASHES, HASHES + DIGEST_BYTES * (to - from)), DIGEST_BYTES * from);
    if (short === to - from) return;
    for (let i = from; i < to; i++) {
      const message = messages[i] as Uint8Array;
      if (message.length > MAX_WASM_MESSAGE_BYTES) hashes.set(plainHash256(message), DIGEST_BYTES * i);
    }
  }

  /** One message in the table: where it lies, its blocks, where its hash goes. */
  #enter(place: number, message: number, blocks: number, out: number): void {
    const at = (TABLE >> 2) + 12 * (place >> 2) + (place & 3);
    this.#words[at] = message;
    this.#words[at + 4] = blocks;
    this.#words[at + 8] = out;
  }

  /** The message before this place once more. */
  #repeat(place: number): void {
    const at = (TABLE >> 2) + 12 * (place >> 2) + (place & 3);
    for (const row of [at, at + 4, at + 8]) this.#words[row] = this.#words[row - 1] as number;
  }

  hashForest(leaves: Uint8Array, counts: readonly number[]): Forest {
    checkForest(leaves, counts);
    const roots = new Uint8Array(DIGEST_BYTES * counts.length);
    const mutated = new Uint8Array(counts.length);
    let leaf = 0;
    for (let from = 0; from < counts.length; ) {
      // As many whole trees as there is room for. A tree has at least one leaf, so there are no more trees than leaves.
      let to = from;
      let some = 0;
      for (; to < counts.length && some + (counts[to] as number) <= MAX_WASM_FOREST; to++) some += counts[to] as number;
      const alone = to === from;
      if (alone) some = counts[to++] as number;
      const part = leaves.subarray(DIGEST_BYTES * leaf, DIGEST_BYTES * (leaf + some));
      const forest = alone ? this.#plain.hashForest(part, [some]) : this.#grow(part, counts.slice(from, to));
      roots.set(forest.roots, DIGEST_BYTES * from);
      mutated.set(forest.mutated, from);
      leaf += some;
      from = to;
    }
    return { roots, mutated };
  }

  /** Trees that fit into the memory. */
  #grow(leaves: Uint8Array, counts: readonly number[]): Forest {
    const room = DIGEST_BYTES * MAX_WASM_FOREST;
    const trees = BATCH_LAYOUT.data;
    const at = trees + 8 * MAX_WASM_FOREST;
    const roots = at + room + FOREST_SLACK;
    const pairs = roots + room;
    counts.forEach((count, i) => {
      this.#words[(trees >> 2) + 2 * i] = count;
      this.#words[(trees >> 2) + 2 * i + 1] = 0;
    });
    this.#bytes.set(leaves, at);
    this.#exports.forest(trees, counts.length, at, pairs, roots);
    const mutated = new Uint8Array(counts.length);
    for (let i = 0; i < mutated.length; i++) mutated[i] = this.#words[(trees >> 2) + 2 * i + 1] as number;
    return { roots: this.#bytes.slice(roots, roots + DIGEST_BYTES * counts.length), mutated };
  }
}
