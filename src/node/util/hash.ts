/**
 * SHA-256, and Bitcoin's double one, of one message and of many. WebAssembly where it runs and proves itself, node:crypto otherwise:
 * docs/adr/0045-hashing-in-batches.md. Hashes are 32 bytes in internal order.
 */
import { chooseHasher } from './choose-hasher.ts';
import type { Forest, Hasher } from './hasher.ts';

export { DIGEST_BYTES, ROW_BYTES, type Forest, type Hasher } from './hasher.ts';
export { plainHash256 } from './plain-hasher.ts';

let chosen: Hasher | undefined;

/** What hashes in this thread. The first call takes some milliseconds: it compiles the module and tests it. */
export function hasher(): Hasher {
  return (chosen ??= chooseHasher());
}

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hasher().sha256(bytes);
}

/** SHA-256 of the SHA-256, 32 bytes in internal order: Bitcoin's hash of headers, transactions and merkle nodes. */
export function hash256(bytes: Uint8Array): Uint8Array {
  return hasher().hash256(bytes);
}

/** `hash256` of each of many messages, 32 bytes each, one after the other. */
export function hash256Many(messages: readonly Uint8Array[]): Uint8Array {
  return hasher().hashMany(messages);
}

/** `hash256` of each header (80 bytes each, one after the other), 32 bytes each. Throws RangeError when they are no whole number of headers. */
export function hash256Rows(headers: Uint8Array): Uint8Array {
  return hasher().hashRows(headers);
}

/**
 * The roots of many trees of hashes. `leaves` are those of all trees (32 bytes each, one after the other), `counts` says how many each tree
 * has, at least one. Pairs are hashed with `hash256`, level by level, the last of an odd level paired with itself; `mutated` is 1 for a tree
 * in which two hashes of one pair were equal, at some level. Throws RangeError when leaves and counts do not fit.
 */
export function hash256Forest(leaves: Uint8Array, counts: readonly number[]): Forest {
  return hasher().hashForest(leaves, counts);
}
