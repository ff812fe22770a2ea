/** What hashes. There are two: `PlainHasher` (node:crypto) and `WasmHasher`; both give the same bytes. Hashes are 32 bytes in internal order. */
export interface Hasher {
  /** `plain`, `wasm` or `wasm-simd`. */
  readonly name: string;

  /** SHA-256 (FIPS 180-4). */
  sha256(bytes: Uint8Array): Uint8Array;

  /** SHA-256 of the SHA-256. */
  hash256(bytes: Uint8Array): Uint8Array;

  /** `hash256` of each row of 80 bytes, one after the other. */
  hashRows(rows: Uint8Array): Uint8Array;

  /** `hash256` of each message, one after the other. */
  hashMany(messages: readonly Uint8Array[]): Uint8Array;

  /**
   * The roots of trees of hashes. `leaves` are those of all trees (32 bytes each, one after the other), `counts` says how many each tree has, at
   * least one. Pairs are hashed with `hash256`, level by level, the last of an odd level paired with itself.
   */
  hashForest(leaves: Uint8Array, counts: readonly number[]): Forest;
}

/** Roots of trees. */
export interface Forest {
  /** 32 bytes for each tree, one after the other. */
  roots: Uint8Array;
  /** For each tree 1 when two hashes of one pair were equal, at some level; else 0. */
  mutated: Uint8Array;
}

/** Bytes of a hash. */
export const DIGEST_BYTES = 32;

/** Bytes of what `hashRows` hashes: a block header of Bitcoin's. */
export const ROW_BYTES = 80;

/** Rows in these bytes. Throws RangeError when they are no whole number. */
export function countRows(bytes: Uint8Array, size: number): number {
  const count = bytes.length / size;
  if (!Number.isInteger(count)) throw new RangeError(`${String(bytes.length)} bytes are no whole number of rows of ${String(size)}`);
  return count;
}

/** Throws RangeError unless each tree has a leaf and all together have these. */
export function checkForest(leaves: Uint8Array, counts: readonly number[]): void {
  const held = countRows(leaves, DIGEST_BYTES);
  let named = 0;
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`a tree has at least one leaf, not ${String(count)}`);
    named += count;
  }
  if (named !== held) throw new RangeError(`the trees have ${String(named)} leaves, ${String(held)} were given`);
}
