import { concatBytes, HASH_BYTES } from '../util/bytes.ts';
import { hash256Forest } from '../util/hash.ts';

/**
 * Bitcoin's merkle root: pairs are hashed twice with SHA-256, level by level; the last of an odd level is paired with itself.
 * Ids and root are 32 bytes in internal order. No ids give 32 zero bytes.
 *
 * Because of that pairing a list and the list with its end repeated have one root (CVE-2012-2459). `mutated` says that two
 * equal hashes stand in one pair at some level, which only such a repetition (or a duplicate transaction) produces: the caller
 * must refuse the list without holding it against the header's hash, since the list without the repetition may be valid.
 */
export function merkleRoot(ids: readonly Uint8Array[]): { root: Uint8Array; mutated: boolean } {
  return merkleRootOf(concatBytes(...ids));
}

/** The same of ids that stand one after the other. Throws RangeError when they are no whole number of ids. */
export function merkleRootOf(ids: Uint8Array): { root: Uint8Array; mutated: boolean } {
  if (ids.length === 0) return { root: new Uint8Array(HASH_BYTES), mutated: false };
  const { roots, mutated } = hash256Forest(ids, [ids.length / HASH_BYTES]);
  return { root: roots, mutated: mutated[0] === 1 };
}
