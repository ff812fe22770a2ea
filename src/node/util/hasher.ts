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
   * The root of a tree of hashes (32 bytes each, one after the other, at least one): `hash256` of pairs, level by level, the last of an
   * odd level paired with itself. `mutated`: two hashes of one pair were equal, at some level.
   */
  hashTree(leaves: Uint8Array): { root: Uint8Array; mutated: boolean };
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
