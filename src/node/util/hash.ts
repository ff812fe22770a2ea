/**
 * SHA-256, and Bitcoin's double one, of one message and of many. WebAssembly where it runs and proves itself, node:crypto otherwise:
 * docs/adr/0045-hashing-in-batches.md. Hashes are 32 bytes in internal order.
 */
import { chooseHasher } from './choose-hasher.ts';
import type { Hasher } from './hasher.ts';

export { DIGEST_BYTES, ROW_BYTES, type Hasher } from './hasher.ts';
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
 * The root of a tree of hashes (32 bytes each, one after the other, at least one): `hash256` of pairs, level by level, the last of an odd
 * level paired with itself. `mutated`: two hashes of one pair were equal, at some level. Throws RangeError when there is no whole hash.
 */
export function hash256Tree(leaves: Uint8Array): { root: Uint8Array; mutated: boolean } {
  return hasher().hashTree(leaves);
}
