/**
 * The active chain by height in typed columns: of each block the last 8 bytes of its hash (the seal, the sockets and the digits on
 * a tile come from them) and its time. About 12 bytes a block, in chunks that exist once something in them is known. Pure.
 */
import type { HashHex } from '../../../shared/blocks.ts';
import { HUE_STEP_DEGREES, HUE_STEPS } from '../seal/seal.ts';

/** Heights of one chunk. */
export const CHUNK = 4096;
/** Hex digits of a hash that are kept, from its end. */
export const TAIL_DIGITS = 16;
const HASH_DIGITS = 64;

interface Chunk {
  /** Two words a block: bytes 24 to 27 of the hash as it is shown, then bytes 28 to 31. */
  readonly tails: Uint32Array;
  readonly times: Uint32Array;
  /** One bit a block. */
  readonly known: Uint8Array;
  count: number;
}

/** Eight hex digits of `text` as a number; the text comes from the node, which has written it. */
function word(text: string, start: number): number {
  let value = 0;
  for (let i = start; i < start + 8; i += 1) {
    const code = text.charCodeAt(i);
    value = (value << 4) | (code > 57 ? code - 87 : code - 48);
  }
  return value >>> 0;
}

const digits = (value: number): string => value.toString(16).padStart(8, '0');

export class ChainColumns {
  readonly #chunks: (Chunk | undefined)[] = [];
  #count = 0;

  /** Blocks that are known. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that the columns take. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk === undefined ? 0 : CHUNK * 12 + chunk.known.byteLength), 0);
  }

  has(height: number): boolean {
    const chunk = this.#chunks[Math.floor(height / CHUNK)];
    return chunk !== undefined && isKnown(chunk, height % CHUNK);
  }

  /** The last 16 hex digits of the hash; undefined when the block is not known. */
  tailAt(height: number): string | undefined {
    const chunk = this.#chunks[Math.floor(height / CHUNK)];
    const at = height % CHUNK;
    if (chunk === undefined || !isKnown(chunk, at)) return undefined;
    return digits(chunk.tails[2 * at] ?? 0) + digits(chunk.tails[2 * at + 1] ?? 0);
  }

  /** The hash's own hue in degrees, as `hueOf` gives it; -1 when the block is not known. */
  hueAt(height: number): number {
    const chunk = this.#chunks[Math.floor(height / CHUNK)];
    const at = height % CHUNK;
    if (chunk === undefined || !isKnown(chunk, at)) return -1;
    return (((chunk.tails[2 * at + 1] ?? 0) & 0xffff) % HUE_STEPS) * HUE_STEP_DEGREES;
  }

  /** Seconds since 1970; undefined when the block is not known. */
  timeAt(height: number): number | undefined {
    const chunk = this.#chunks[Math.floor(height / CHUNK)];
    return chunk !== undefined && isKnown(chunk, height % CHUNK) ? chunk.times[height % CHUNK] : undefined;
  }

  /** Whether the block of a height is known and ends like this hash. */
  matches(height: number, hash: HashHex): boolean {
    const chunk = this.#chunks[Math.floor(height / CHUNK)];
    const at = height % CHUNK;
    return (
      chunk !== undefined &&
      isKnown(chunk, at) &&
      chunk.tails[2 * at] === word(hash, HASH_DIGITS - TAIL_DIGITS) &&
      chunk.tails[2 * at + 1] === word(hash, HASH_DIGITS - TAIL_DIGITS / 2)
    );
  }

  set(height: number, hash: HashHex, time: number): void {
    this.#put(height, hash, 0, time);
  }

  /**
   * Takes over a page of consecutive heights: `hashes` holds 64 hex digits a block. Nothing is taken over and false is returned when
   * a block that is known already is another one there: one of the two is of another branch.
   */
  take(from: number, hashes: string, times: readonly number[]): boolean {
    for (let i = 0; i < times.length; i += 1) {
      const chunk = this.#chunks[Math.floor((from + i) / CHUNK)];
      const at = (from + i) % CHUNK;
      if (chunk === undefined || !isKnown(chunk, at)) continue;
      const end = (i + 1) * HASH_DIGITS;
      if (chunk.tails[2 * at] !== word(hashes, end - TAIL_DIGITS) || chunk.tails[2 * at + 1] !== word(hashes, end - TAIL_DIGITS / 2)) return false;
    }
    for (let i = 0; i < times.length; i += 1) this.#put(from + i, hashes, i * HASH_DIGITS, times[i] ?? 0);
    return true;
  }

  /** Forgets every block from `height` upwards. */
  truncate(height: number): void {
    const first = Math.floor(height / CHUNK);
    for (let index = first + (height % CHUNK === 0 ? 0 : 1); index < this.#chunks.length; index += 1) this.#count -= this.#chunks[index]?.count ?? 0;
    const cut = this.#chunks[first];
    if (cut !== undefined && height % CHUNK !== 0) {
      for (let at = height % CHUNK; at < CHUNK; at += 1) {
        if (!isKnown(cut, at)) continue;
        cut.known[at >> 3] = (cut.known[at >> 3] ?? 0) & ~(1 << (at & 7));
        cut.count -= 1;
        this.#count -= 1;
      }
      this.#chunks.length = Math.min(this.#chunks.length, first + 1);
    } else this.#chunks.length = Math.min(this.#chunks.length, first);
  }

  /** The highest known height below `height`; -1 when there is none. */
  highestBelow(height: number): number {
    for (let index = Math.min(this.#chunks.length - 1, Math.floor((height - 1) / CHUNK)); index >= 0; index -= 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined || chunk.count === 0) continue;
      for (let at = Math.min(CHUNK - 1, height - 1 - index * CHUNK); at >= 0; at -= 1) if (isKnown(chunk, at)) return index * CHUNK + at;
    }
    return -1;
  }

  /**
   * What is missing of a chain of `length` blocks, nearest to `near` first: a run of heights within one chunk, from its first
   * missing height to its last. Null when nothing is.
   */
  missing(length: number, near: number): { from: number; limit: number } | null {
    const chunks = Math.ceil(length / CHUNK);
    const middle = Math.min(chunks - 1, Math.max(0, Math.floor(near / CHUNK)));
    for (let away = 0; away < chunks; away += 1) {
      for (const index of away === 0 ? [middle] : [middle + away, middle - away]) {
        if (index < 0 || index >= chunks) continue;
        const found = this.#missingIn(index, Math.min(CHUNK, length - index * CHUNK));
        if (found !== null) return found;
      }
    }
    return null;
  }

  #missingIn(index: number, size: number): { from: number; limit: number } | null {
    const chunk = this.#chunks[index];
    if (chunk === undefined) return { from: index * CHUNK, limit: size };
    if (chunk.count >= size) return null;
    let first = 0;
    while (first < size && isKnown(chunk, first)) first += 1;
    let last = size - 1;
    while (last > first && isKnown(chunk, last)) last -= 1;
    return first >= size ? null : { from: index * CHUNK + first, limit: last - first + 1 };
  }

  #put(height: number, text: string, start: number, time: number): void {
    const index = Math.floor(height / CHUNK);
    const at = height % CHUNK;
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      chunk = { tails: new Uint32Array(2 * CHUNK), times: new Uint32Array(CHUNK), known: new Uint8Array(CHUNK / 8), count: 0 };
      this.#chunks[index] = chunk;
    }
    chunk.tails[2 * at] = word(text, start + HASH_DIGITS - TAIL_DIGITS);
    chunk.tails[2 * at + 1] = word(text, start + HASH_DIGITS - TAIL_DIGITS / 2);
    chunk.times[at] = time;
    if (isKnown(chunk, at)) return;
    chunk.known[at >> 3] = (chunk.known[at >> 3] ?? 0) | (1 << (at & 7));
    chunk.count += 1;
    this.#count += 1;
  }
}

function isKnown(chunk: Chunk, at: number): boolean {
  return ((chunk.known[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}
